"use strict";

// ---- The list of images -------------------------------------------------------------------------

function sortedImages() {
  if (!data.hr) return data.images;
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
    item.append(element("span", data.hr ? image.name.replace(/\.png$/, "") : image.name));
    if (data.hr) item.append(element("span", figure(image.scores[model][metric], metric)));
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
  if (!data.hr) return;
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
