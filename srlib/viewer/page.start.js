"use strict";

// ---- Start --------------------------------------------------------------------------------------

function fill(id, options, selected) {
  $(id).replaceChildren(...options.map(([value, text]) => new Option(text, value, false, value === selected)));
}

for (const side of ["left", "right"]) fill(side, shown, `${data[side]}`);
$("caption").textContent = data.caption;
$("beside").checked = !data.hr;
document.body.classList.toggle("unscored", !data.hr);
if (data.hr) {
  fill("metric", Object.entries(data.metrics).map(([name, column]) => [name, column.heading]), "psnr");
  fill("sorted-model", data.models.map((label, i) => [`${i}`, label]), `${data.right}`);
  $("scale-end").textContent = data.error_scale;
  const bar = $("scale").getContext("2d");
  data.colours.forEach((colour, i) => { bar.fillStyle = `rgb(${colour})`; bar.fillRect(i, 0, 1, 1); });
}

for (const id of ["metric", "sorted-model", "worst-first"]) $(id).addEventListener("change", listImages);
for (const side of ["left", "right"]) $(side).addEventListener("change", () => change(side, $(side).value));
$("divider").addEventListener("input", () => { view.divider = Number($("divider").value); draw(); });
$("in").addEventListener("click", keys["+"]);
$("out").addEventListener("click", keys["-"]);
$("reset").addEventListener("click", keys[0]);
for (const id of ["window", "level"]) {
  $(id).addEventListener("input", () => setWindow(Number($("window").value), Number($("level").value)));
}
$("reset-window").addEventListener("click", keys.d);
for (const id of ["errors", "beside"]) $(id).addEventListener("change", draw);
for (const id of ["picture", "right-picture", "error"]) listen($(id));
window.addEventListener("resize", draw);
listImages();
show(sortedImages()[0]);
