"use strict";

// ---- Pictures and error maps --------------------------------------------------------------------

async function show(image) {
  view.image = image;
  markImage();
  const pictures = await Promise.all(shown.map(([key]) => decode(url(image, key))));
  if (view.image !== image) return; // another one was picked meanwhile
  const hr = data.hr && pixels(pictures.at(-1));
  largest = pictures.reduce((one, other) => (other.width > one.width ? other : one));
  layers = Object.fromEntries(shown.map(([key], i) => {
    const picture = pictures[i];
    return [key, { picture, error: hr?.width === picture.width ? errorMap(pixels(picture), hr) : null }];
  }));
  $("name").textContent = [image.name, image.remark].filter(Boolean).join(": ");
  listScores();
  draw();
}

function url(image, key) {
  return (key in data.sr ? data.sr[key] : data[key])[data.images.indexOf(image)];
}

async function decode(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"),
                               { width: image.naturalWidth, height: image.naturalHeight });
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(image, 0, 0);
  return canvas;
}

function errorMap(picture, hr) {
  const canvas = Object.assign(document.createElement("canvas"), { width: hr.width, height: hr.height });
  const map = new ImageData(hr.width, hr.height);
  for (let i = 0; i < hr.data.length; i += 4) {
    map.data.set(errorColour(Math.abs(picture.data[i] - hr.data[i])), i);
    map.data[i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(map, 0, 0);
  return canvas;
}

function errorColour(levels) {
  return data.colours[Math.min(255, Math.round((levels * 255) / data.error_scale))];
}

const pixels = (canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);

// ---- Drawing: all panes show the same part of the picture ---------------------------------------

function draw() {
  if (!layers) return;
  clampView();
  $("zoom").textContent = `${view.zoom.toFixed(1)}×`;
  $("divider").value = view.divider;
  showWindow();
  const beside = $("beside").checked, errors = Boolean(data.hr) && $("errors").checked;
  $("panes").style.setProperty("--panes", 1 + beside + errors);
  $("beside-pane").hidden = !beside;
  $("error-pane").hidden = !errors;
  $("divided").hidden = beside && !errors;
  const divided = [["left", 0, view.divider], ["right", view.divider, 1]];
  drawPane($("picture"), "picture", beside ? [["left", 0, 1]] : divided);
  if (beside) drawPane($("right-picture"), "picture", [["right", 0, 1]]);
  if (errors) drawPane($("error"), "error", divided);
}

// parts: which side's choice is drawn, from where to where, as fractions of the pane.
function drawPane(canvas, kind, parts) {
  const side = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.clearRect(0, 0, side, side);
  for (const [name, from, to] of parts) drawPart(context, layers[$(name).value][kind], from * side, to * side);
  if (kind === "picture") applyWindow(context);
  if (parts.length > 1) {
    context.fillStyle = "#e69f00";
    context.fillRect(parts[1][1] * side - devicePixelRatio, 0, 2 * devicePixelRatio, side);
  }
  for (const [name] of parts) drawTag(context, labels[$(name).value], name);
}

function drawPart(context, source, from, to) {
  if (!source) return;
  const side = context.canvas.width;
  const scale = (side * view.zoom) / Math.max(largest.width, largest.height);
  const [width, height] = [largest.width * scale, largest.height * scale];
  context.save();
  context.beginPath();
  context.rect(from, 0, to - from, side);
  context.clip();
  context.imageSmoothingEnabled = width < source.width; // else pixels as they are
  context.imageSmoothingQuality = "high";
  context.drawImage(source, side * (0.5 + view.zoom * (0.5 - view.x)) - width / 2,
                    side * (0.5 + view.zoom * (0.5 - view.y)) - height / 2, width, height);
  context.restore();
}

function drawTag(context, text, align) {
  const size = 13 * devicePixelRatio, edge = 8 * devicePixelRatio;
  const x = align === "left" ? edge : context.canvas.width - edge;
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textAlign = align;
  context.textBaseline = "top";
  context.lineWidth = 3 * devicePixelRatio;
  context.strokeStyle = "#000";
  context.fillStyle = "#fff";
  context.strokeText(text, x, size / 2);
  context.fillText(text, x, size / 2);
}

function clampView() {
  view.zoom = clamp(view.zoom, 1, 32);
  view.divider = clamp(view.divider, 0, 1);
  const half = 0.5 / view.zoom;
  view.x = clamp(view.x, half, 1 - half);
  view.y = clamp(view.y, half, 1 - half);
}

function zoomBy(factor, x = 0.5, y = 0.5) {
  // The point (x, y) of the pane, from 0 to 1, stays where it is.
  const before = view.zoom;
  view.zoom = clamp(view.zoom * factor, 1, 32);
  view.x += (x - 0.5) * (1 / before - 1 / view.zoom);
  view.y += (y - 0.5) * (1 / before - 1 / view.zoom);
  draw();
}
