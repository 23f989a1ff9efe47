"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
// What can be shown: pictures of the image by key, "lr", "hr" or a model's number, whatever its label says.
const shown = [["lr", "LR"], ...data.models.map((label, i) => [`${i}`, label]), ["hr", "HR"]];
const labels = Object.fromEntries(shown);
// What is looked at: zoom 1 shows the whole picture; (x, y) is its centre, from 0 to 1.
const view = { image: null, zoom: 1, x: 0.5, y: 0.5, divider: 0.5 };
let layers = null; // of the image that is shown: key -> { picture, error } as canvases

// ---- The list of images -------------------------------------------------------------------------

function sortedImages() {
  const metric = $("metric").value, model = $("sorted-model").value;
  const sign = data.metrics[metric].larger_is_better === $("worst-first").checked ? 1 : -1;
  const value = (image) => image.scores[model][metric] ?? Infinity; // null: a PSNR without end
  return [...data.images].sort((a, b) =>
    sign * (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0) || (a.name < b.name ? -1 : 1));
}

function listImages() {
  const metric = $("metric").value, model = $("sorted-model").value;
  $("images").replaceChildren(...sortedImages().map((image) => {
    const item = element("li", "");
    item.role = "option";
    item.dataset.name = image.name;
    item.append(element("span", image.name.replace(/\.png$/, "")),
                element("span", figure(image.scores[model][metric], metric)));
    item.addEventListener("click", () => show(image));
    return item;
  }));
  markImage();
}

function markImage() {
  for (const item of $("images").children) {
    const selected = item.dataset.name === view.image?.name;
    item.setAttribute("aria-selected", selected);
    if (selected) item.scrollIntoView({ block: "nearest" });
  }
}

function step(by) {
  const images = sortedImages();
  const at = images.indexOf(view.image) + by;
  if (images[at]) show(images[at]);
}

// ---- Scores of the image ------------------------------------------------------------------------

function listScores() {
  const metrics = Object.keys(data.metrics);
  const head = element("thead", "");
  head.append(row(["", ...metrics.map((metric) => data.metrics[metric].heading)], "th"));
  const body = element("tbody", "");
  view.image.scores.forEach((scores, model) => {
    const line = row([data.models[model], ...metrics.map((metric) => figure(scores[metric], metric))], "td");
    line.classList.toggle("shown", [$("left").value, $("right").value].includes(`${model}`));
    metrics.forEach((metric, i) => line.children[i + 1].classList.toggle("best", isBest(scores, metric)));
    body.append(line);
  });
  $("scores").replaceChildren(head, body);
}

function isBest(scores, metric) {
  const sign = data.metrics[metric].larger_is_better ? 1 : -1;
  const value = (of) => sign * (of[metric] ?? Infinity);
  return data.metrics[metric].ranked && view.image.scores.every((other) => value(scores) >= value(other));
}

function figure(value, metric) {
  return value === null ? "∞" : value.toFixed(data.metrics[metric].decimals);
}

function row(cells, tag) {
  const line = element("tr", "");
  line.append(...cells.map((cell, i) => element(i ? tag : "th", cell)));
  return line;
}

function element(tag, text) {
  return Object.assign(document.createElement(tag), { textContent: text });
}

// ---- Mouse, touch and keyboard ------------------------------------------------------------------

function place(event) {
  const box = event.currentTarget.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

function listen(canvas) {
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    const [x, y] = place(event);
    drag = { x, y, divider: Math.abs(x - view.divider) < 0.04 };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = place(event);
    if (!drag) {
      canvas.style.cursor = Math.abs(x - view.divider) < 0.04 ? "ew-resize" : "grab";
      return;
    }
    if (drag.divider) {
      view.divider = x;
    } else {
      view.x -= (x - drag.x) / view.zoom;
      view.y -= (y - drag.y) / view.zoom;
      Object.assign(drag, { x, y });
    }
    draw();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (drag = null));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomBy(Math.exp(-event.deltaY / 400), ...place(event));
  }, { passive: false });
}

function change(side, key) {
  $(side).value = key;
  listScores();
  draw();
}

function next(side) {
  const at = shown.findIndex(([key]) => key === $(side).value);
  change(side, shown[(at + 1) % shown.length][0]);
}

const keys = {
  ArrowUp: () => step(-1),
  ArrowDown: () => step(1),
  ArrowLeft: () => { view.divider -= 0.02; draw(); },
  ArrowRight: () => { view.divider += 0.02; draw(); },
  "+": () => zoomBy(1.25),
  "=": () => zoomBy(1.25),
  "-": () => zoomBy(0.8),
  0: () => { view.zoom = 1; draw(); },
  l: () => next("left"),
  r: () => next("right"),
  x: () => {
    const [left, right] = [$("left").value, $("right").value];
    change("left", right);
    change("right", left);
  },
  e: () => $("errors").click(),
};

document.addEventListener("keydown", (event) => {
  const own = event.target.tagName === "SELECT" || event.target.type === "range";
  if (event.ctrlKey || event.metaKey || event.altKey || (own && event.key.startsWith("Arrow"))) return;
  const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

// ---- Start --------------------------------------------------------------------------------------

function fill(id, options, selected) {
  $(id).replaceChildren(...options.map(([value, text]) => new Option(text, value, false, value === selected)));
}

fill("metric", Object.entries(data.metrics).map(([name, column]) => [name, column.heading]), "psnr");
fill("sorted-model", data.models.map((label, i) => [`${i}`, label]), `${data.right}`);
for (const side of ["left", "right"]) fill(side, shown, `${data[side]}`);
$("caption").textContent = data.caption;
$("scale-end").textContent = data.error_scale;
const bar = $("scale").getContext("2d");
data.colours.forEach((colour, i) => { bar.fillStyle = `rgb(${colour})`; bar.fillRect(i, 0, 1, 1); });

for (const id of ["metric", "sorted-model", "worst-first"]) $(id).addEventListener("change", listImages);
for (const side of ["left", "right"]) $(side).addEventListener("change", () => change(side, $(side).value));
$("divider").addEventListener("input", () => { view.divider = Number($("divider").value); draw(); });
$("in").addEventListener("click", keys["+"]);
$("out").addEventListener("click", keys["-"]);
$("reset").addEventListener("click", keys[0]);
$("errors").addEventListener("change", draw);
listen($("picture"));
listen($("error"));
window.addEventListener("resize", draw);
listImages();
show(sortedImages()[0]);
