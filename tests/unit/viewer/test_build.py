import pandas as pd

from srlib.viewer import build


def test_the_choice_is_even_by_rank():
    psnr = pd.Series({f"{i}": float(i) for i in range(9)})
    assert build.choose(psnr, 3) == ["0", "4", "8"]
    assert build.choose(psnr, 99) == sorted(psnr.index)
    assert build.choose(psnr, 1) == ["8"]
