import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data
from skimage.metrics import peak_signal_noise_ratio
from torch import nn

from srlib.networks import catalog
from srlib.networks._blocks import ResidualBlock, sub_pixel
from srlib.networks.hybrid import Sharpening
from srlib.networks.starts.taps import bicubic_taps

# Each network with each scale (SR side / LR side) that it can have; spandrel's, by its file, elsewhere.
NAMES = [name for name in catalog.names() if "file" not in catalog.arguments(name)["required"]]
CASES = [(name, scale) for name in NAMES for scale in catalog.scales(name) or (1, 2, 3, 4)]
TRAINED = [(name, scale) for name, scale in CASES if catalog.traits(name).trained]
LOCAL = [(name, scale) for name, scale in TRAINED if catalog.traits(name).receptive_field]
PAPERS = [("vdsr", 1), ("srgan", 4), ("hybrid", 2)]


def build(name, scale, **arguments):
    """A network with an argument `scale` is told it."""
    return catalog.build(name, arguments if catalog.traits(name).scale else arguments | {"scale": scale})


@pytest.fixture(scope="module")
def hr():
    return Image.fromarray(data.camera()).resize((120, 96), Image.Resampling.BICUBIC)


def interpolated_lr(hr, scale):
    """LR as the models get it: bicubic down 4, then up to the side that the network takes."""
    down = hr.resize((hr.width // 4, hr.height // 4), Image.Resampling.BICUBIC)
    return down.resize((hr.width // scale, hr.height // scale), Image.Resampling.BICUBIC)


def run(network, picture):
    lr = torch.from_numpy(np.array(picture)).float()[None, None] / 255
    with torch.no_grad():
        sr = network.eval()(lr)
    return np.rint(np.clip(sr[0, 0].numpy(), 0, 1) * 255).astype(np.uint8)


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_a_batch_of_any_shape_becomes_scale_times_as_large(name, scale):
    network = build(name, scale).eval()
    with torch.no_grad():
        sr = network(torch.rand(2, 1, 13, 18))
    assert sr.shape == (2, 1, 13 * scale, 18 * scale)
    assert sr.dtype == torch.float32


def test_rlfns_slopes_are_the_papers():
    network = build("rlfn", 4)
    assert {layer.negative_slope for layer in network.modules() if isinstance(layer, nn.LeakyReLU)} == {0.05}


def test_edsr_sees_pictures_about_zero_and_gives_them_about_middle_gray():
    network, seen = build("edsr", 4), []
    network.head.register_forward_pre_hook(lambda layer, inputs: seen.append(inputs[0]))
    for parameter in network.parameters():
        nn.init.zeros_(parameter)
    with torch.no_grad():
        sr = network(torch.tensor([0.0, 0.5, 1.0]).view(3, 1, 1, 1))
    assert seen[0].flatten().tolist() == [-0.5, 0, 0.5]
    assert torch.equal(sr, torch.full_like(sr, 0.5))


@pytest.mark.parametrize(
    "name, filter", [("bicubic", Image.Resampling.BICUBIC), ("lanczos", Image.Resampling.LANCZOS)]
)
def test_interpolation_is_pillows(name, filter, hr):
    lr = interpolated_lr(hr, 4)
    assert np.array_equal(run(catalog.build(name, {"scale": 4}), lr), np.asarray(lr.resize(hr.size, filter)))


# Counted from the papers: k*k*in*out + out for a convolution, 2 c for BN, c for a PReLU of c slopes.
CONV64 = 9 * 64 * 64 + 64
SRGAN_BLOCK = 2 * CONV64 + 2 * 2 * 64 + 64
CONV52 = 9 * 52 * 52 + 52
ESA = 53 * 16 + 2 * (9 * 16 * 16 + 16) + 17 * 16 + 17 * 52
HEAD = 81 * 3 * 64 + 64 + 64
COUNTS = {
    "vdsr": (9 * 64 + 64) + 18 * CONV64 + (9 * 64 + 1),
    "srgan": HEAD + 16 * SRGAN_BLOCK + (CONV64 + 2 * 64) + 2 * (9 * 64 * 256 + 256 + 64) + (81 * 64 * 3 + 3),
    "hybrid": HEAD
    + 8 * SRGAN_BLOCK
    + 20 * (CONV64 + 64)
    + 2 * 64
    + (9 * 3 * 256 + 256 + 64)
    + (9 * 64 * 16 + 16 + 16)
    + (25 * 16 * 3 + 3),
    # In RGB with their first and last layers 1,517,571 and 543,740: the papers' 1.5 M and 543 k.
    "edsr": (9 * 64 + 64) + 33 * CONV64 + 2 * (9 * 64 * 256 + 256) + (9 * 64 + 1),
    "rlfn": (9 * 52 + 52) + 6 * (3 * CONV52 + 53 * 52 + ESA) + CONV52 + (9 * 52 * 16 + 16),
}


@pytest.mark.parametrize(
    ("name", "scale", "millions"),
    [(*PAPERS[0], 0.67), (*PAPERS[1], 1.55), (*PAPERS[2], 1.37), ("edsr", 4, 1.52), ("rlfn", 4, 0.53)],
)
def test_parameter_count(name, scale, millions):
    count = sum(p.numel() for p in build(name, scale).parameters())
    assert count == COUNTS[name]
    assert round(count / 1e6, 2) == millions


def layers(network):
    """The network's layers in the order in which they run, as the papers name them."""
    order = []
    for module in network.modules():
        if not list(module.children()):
            module.register_forward_hook(lambda module, *_: order.append(module))
    with torch.no_grad():
        network.eval()(torch.rand(1, 1, 8, 8))
    return order


def describe(layer):
    if isinstance(layer, nn.Conv2d):
        return f"k{layer.kernel_size[0]}n{layer.out_channels}"
    return {"BatchNorm2d": "BN", "PixelShuffle": "shuffle"}.get(type(layer).__name__, type(layer).__name__)


BLOCK = ["k3n64", "BN", "PReLU", "k3n64", "BN"]


def test_layers_of_vdsr():
    expected = ["k3n64", "ReLU"] * 19 + ["k3n1"]
    assert [describe(layer) for layer in layers(catalog.build("vdsr", {}))] == expected


SUB_PIXELS = {2: ["k3n256"], 3: ["k3n576"], 4: ["k3n256", "k3n256"]}  # 64 maps, factor^2 times


@pytest.mark.parametrize(("scale", "sub_pixels"), SUB_PIXELS.items())
def test_layers_of_srgan(scale, sub_pixels):
    expected = ["k9n64", "PReLU"] + 16 * BLOCK + ["k3n64", "BN"]
    expected += [part for layer in sub_pixels for part in (layer, "shuffle", "PReLU")] + ["k9n3"]
    assert [describe(layer) for layer in layers(catalog.build("srgan", {"scale": scale}))] == expected


def test_layers_of_the_hybrid():
    expected = ["k9n64", "PReLU"] + 8 * BLOCK + 20 * ["k3n64", "PReLU"] + ["BN", "Sharpening"]
    expected += ["k3n256", "shuffle", "PReLU", "k3n16", "PReLU", "k5n3"]
    assert [describe(layer) for layer in layers(catalog.build("hybrid", {}))] == expected


def reached(name, scale):
    """Rows and columns of LR whose pixels move the SR pixels of one LR pixel, less the stated field's border.

    Seen through positive weights, so that nothing cancels.
    """
    choices = catalog.arguments(name)["properties"]
    network = build(name, scale, **({"init": "random"} if "init" in choices else {})).double().eval()
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.constant_(module.weight, 1 / module.weight[0].numel())
            nn.init.zeros_(module.bias)
        if isinstance(module, Sharpening):
            module.filters.abs_()
    traits = catalog.traits(name)
    side = traits.receptive_field + 6
    lr = torch.full((1, 1, side, side), 1e-3, dtype=torch.float64, requires_grad=True)
    sr = network(lr)[0, 0]
    start = side // 2 * scale
    sr[start : start + scale, start : start + scale].sum().backward()
    pixels = lr.grad[0, 0].nonzero() - 3
    return pixels.min().item(), pixels.max().item(), traits.receptive_field - 1


@pytest.mark.parametrize(("name", "scale"), LOCAL)
def test_nothing_outside_the_receptive_field_moves_a_pixel(name, scale):
    first, last, width = reached(name, scale)
    assert 0 <= first <= last <= width


@pytest.mark.parametrize(("name", "scale"), PAPERS)
def test_the_papers_receptive_fields_are_used_to_their_borders(name, scale):
    first, last, width = reached(name, scale)
    assert (first, last) == (0, width)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_bicubic_taps_are_pillows(scale):
    impulse = np.zeros((1, 21), np.float32)
    impulse[0, 10] = 1
    enlarged = np.asarray(Image.fromarray(impulse).resize((21 * scale, 1), Image.Resampling.BICUBIC))[0]
    taps = bicubic_taps(scale).numpy()
    # sample 10 is the neighbour k of sample 10 - k
    for k in range(-2, 3):
        assert enlarged[scale * (10 - k) :][:scale] == pytest.approx(taps[:, k + 2], abs=1e-6)


@pytest.mark.parametrize(
    ("name", "scale", "arguments"),
    [
        ("srgan", 2, {}),
        ("srgan", 3, {}),
        ("srgan", 4, {}),
        ("hybrid", 2, {}),
        ("hybrid", 2, {"sharpening": "mean"}),
        ("hybrid", 2, {"sharpening": "none"}),
        ("hybrid", 2, {"layers": 0}),
    ],
)
def test_generators_start_at_the_interpolation(name, scale, arguments, hr):
    lr = interpolated_lr(hr, scale)
    interpolated = np.asarray(lr.resize(hr.size, Image.Resampling.BICUBIC))
    sr = run(build(name, scale, **arguments), lr)
    assert np.abs(sr.astype(int) - interpolated).mean() < 1
    assert peak_signal_noise_ratio(interpolated, sr) > 44


@pytest.mark.parametrize(("name", "scale"), [("srgan", 2), ("srgan", 3), ("srgan", 4), ("hybrid", 2)])
def test_every_parameter_learns_soon_after_the_interpolating_start(name, scale):
    torch.manual_seed(0)
    network = build(name, scale).train()
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    lr = torch.rand(2, 1, 12, 12)
    hr = nn.functional.interpolate(lr, scale_factor=scale) ** 2
    for _ in range(4):  # one step to open the tail, one the trunk, one the blocks
        optimizer.zero_grad()
        (network(lr) - hr).square().mean().backward()
        optimizer.step()
    silent = [key for key, p in network.named_parameters() if not p.grad.abs().max() > 0]
    assert silent == []


def test_vdsr_is_he_initialised_to_its_last_layer():
    network = catalog.build("vdsr", {})
    stds = [layer.weight.std().item() for layer in network.residual if isinstance(layer, nn.Conv2d)]
    assert stds[1:] == pytest.approx([(2 / (9 * 64)) ** 0.5] * 19, rel=0.15)


def test_srgan_begins_as_pytorch_does_and_the_hybrids_chain_as_he_et_al():
    def gains(layers):
        return [layer.weight.std().item() * layer.weight[0].numel() ** 0.5 for layer in layers]

    srgan, hybrid = build("srgan", 4, init="random"), build("hybrid", 2, init="random")
    block = [layer for layer in srgan.blocks[0].body if isinstance(layer, nn.Conv2d)]
    chain = [layer for layer in hybrid.deep if isinstance(layer, nn.Conv2d)]
    assert gains([*block, srgan.trunk[0], srgan.tail]) == pytest.approx([3**-0.5] * 4, rel=0.02)
    assert gains(chain) == pytest.approx([2**0.5] * 20, rel=0.02)


def test_vdsr_adds_the_picture_to_what_it_learns(hr):
    network = catalog.build("vdsr", {})
    nn.init.zeros_(network.residual[-1].weight)
    assert run(network, hr).tolist() == np.asarray(hr).tolist()


@pytest.mark.parametrize("times", [2, 3])
def test_random_sub_pixel_layer_draws_no_checkerboard(times):
    up = sub_pixel(64, times=times)
    sr = up(torch.rand(1, 64, 5, 5))
    cells = sr.unfold(2, times, times).unfold(3, times, times)
    assert torch.allclose(cells, cells[..., :1, :1].expand_as(cells), atol=1e-5)
    assert sr.std() > 0.1


def test_residual_block_adds_its_input():
    block = ResidualBlock().eval()
    nn.init.zeros_(block.body[-1].weight)
    x = torch.randn(1, 64, 4, 4)
    assert torch.equal(block(x), x)
