"use strict";

// ---- Pictures and error maps --------------------------------------------------------------------

async function show(image) {
  view.image = image;
  markImage();
  const pictures = await Promise.all(shown.map(([key]) => decode(url(image, key))));
  if (view.image !== image) return; // another one was picked meanwhile
  const hr = pixels(pictures.at(-1));
  layers = Object.fromEntries(shown.map(([key], i) => {
    const picture = pictures[i];
    return [key, { picture, error: picture.width === hr.width ? errorMap(pixels(picture), hr) : null }];
  }));
  $("name").textContent = image.name;
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
  const canvas = blank(image.naturalWidth, image.naturalHeight);
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(image, 0, 0);
  return canvas;
}

function errorMap(picture, hr) {
  const canvas = blank(hr.width, hr.height);
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

function blank(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}

// ---- Drawing: both panes show the same part of the picture --------------------------------------

function draw() {
  if (!layers) return;
  clampView();
  $("zoom").textContent = `${view.zoom.toFixed(1)}×`;
  $("divider").value = view.divider;
  $("panes").classList.toggle("single", !$("errors").checked);
  drawPane($("picture"), "picture");
  if ($("errors").checked) drawPane($("error"), "error");
}

function drawPane(canvas, kind) {
  const side = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  const edge = view.divider * side;
  context.fillStyle = "#000";
  context.fillRect(0, 0, side, side);
  drawPart(context, $("left").value, kind, 0, edge, side);
  drawPart(context, $("right").value, kind, edge, side, side);
  context.fillStyle = "#e69f00";
  context.fillRect(edge - devicePixelRatio, 0, 2 * devicePixelRatio, side);
  drawTag(context, labels[$("left").value], 8 * devicePixelRatio, "left");
  drawTag(context, labels[$("right").value], side - 8 * devicePixelRatio, "right");
}

function drawPart(context, key, kind, from, to, side) {
  const source = layers[key][kind];
  context.save();
  context.beginPath();
  context.rect(from, 0, to - from, side);
  context.clip();
  if (source) {
    const scale = (side * view.zoom) / Math.max(layers.hr.picture.width, layers.hr.picture.height);
    const hr = layers.hr.picture;
    context.imageSmoothingEnabled = false; // pixels as they are
    context.drawImage(source, side / 2 - view.x * hr.width * scale, side / 2 - view.y * hr.height * scale,
                      hr.width * scale, hr.height * scale);
  }
  context.restore();
}

function drawTag(context, text, x, align) {
  const size = 13 * devicePixelRatio;
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
  view.zoom = Math.min(32, Math.max(1, view.zoom));
  view.divider = Math.min(1, Math.max(0, view.divider));
  const half = 0.5 / view.zoom;
  view.x = Math.min(1 - half, Math.max(half, view.x));
  view.y = Math.min(1 - half, Math.max(half, view.y));
}

function zoomBy(factor, x = 0.5, y = 0.5) {
  // The point (x, y) of the pane, from 0 to 1, stays where it is.
  const before = view.zoom;
  view.zoom = Math.min(32, Math.max(1, view.zoom * factor));
  view.x += (x - 0.5) * (1 / before - 1 / view.zoom);
  view.y += (y - 0.5) * (1 / before - 1 / view.zoom);
  draw();
}
