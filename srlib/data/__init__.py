"""From a source of X-rays to HR pictures and their LR variants; plain data, no torch."""
