"""Figures for a paper: one file per figure, each with a function `draw` that writes PNG and PDF."""
