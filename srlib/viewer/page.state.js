"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
// What can be shown: pictures of the image by key, "lr", "hr" or a model's number, whatever its label says.
// Where nobody knows the truth there is no HR, and so neither scores nor error maps.
const shown = [["lr", data.lr_label], ...data.models.map((label, i) => [`${i}`, label])];
if (data.hr) shown.push(["hr", "HR"]);
const labels = Object.fromEntries(shown);
const WHOLE = { window: 255, level: 127.5 }; // all gray levels, from black to white
// What is looked at: zoom 1 shows the whole picture; (x, y) is the centre, from 0 to 1, of the square around it.
const view = { image: null, zoom: 1, x: 0.5, y: 0.5, divider: 0.5, ...WHOLE };
// Of the image that is shown: key -> { picture, error } as canvases; the largest picture.
let layers = null, largest = null;

function element(tag, text) {
  return Object.assign(document.createElement(tag), { textContent: text });
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
