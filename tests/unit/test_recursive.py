"""The recursive network, against the recursion of arXiv:1702.00748 written down for one jet at a time."""

from __future__ import annotations

import networks
import pytest
import torch
from snakeroot.errors import SnakerootError
from torch import Tensor, nn

CHANNELS, UNITS, NODES = 3, 5, 41
LEAVES = [1, 2, 3, 21, 1, 8, 13, 20]


def jet_by_jet(module: nn.Module, block: Tensor) -> Tensor:
    """Return the outputs of a network, from its weights and the paper's equations."""
    encoder = module.encoders[0]
    weights = {name: (layer.weight, layer.bias) for name, layer in encoder.named_modules() if hasattr(layer, "weight")}

    def linear(name: str, *given: Tensor) -> Tensor:
        weight, bias = weights[name]
        return weight @ torch.cat(given) + bias

    def embedding(jet: Tensor, node: int) -> Tensor:
        left, right = (int(position) for position in jet[-4:-2, node])
        u = torch.relu(linear("content", jet[:-4, node]))
        if left == -1:
            return u
        h_left, h_right = embedding(jet, left), embedding(jet, right)
        if "node.reset" not in weights:
            return torch.relu(linear("node.hidden", h_left, h_right, u))
        r_left, r_right, r_node = torch.sigmoid(linear("node.reset", h_left, h_right, u)).chunk(3)
        new = torch.relu(linear("node.hidden", r_left * h_left, r_right * h_right, r_node * u))
        gates = torch.stack(linear("node.update", new, h_left, h_right, u).chunk(4)).exp()
        z_new, z_left, z_right, z_node = gates / gates.sum(0)
        return z_new * new + z_left * h_left + z_right * h_right + z_node * u

    roots = [int(jet[-1].sum()) - 1 for jet in block]
    return module.head(torch.stack([embedding(jet, root) for jet, root in zip(block, roots, strict=True)]))


def make(gated: bool, **changed: int) -> nn.Module:
    torch.manual_seed(3)
    inputs = [networks.tree(NODES, CHANNELS)]
    return networks.make("recursive", inputs, **{"gated": gated, "hidden": UNITS} | changed).double()


@pytest.mark.parametrize("gated", [False, True])
def test_all_trees_at_once_are_as_each_alone(gated: bool) -> None:
    module, block = make(gated), networks.trees(LEAVES, NODES, CHANNELS)
    found, expected = module(block.flatten(1)), jet_by_jet(module, block)
    assert torch.allclose(found, expected, rtol=0, atol=1e-12)
    gradients = [torch.autograd.grad(one.sin().sum(), list(module.parameters())) for one in (found, expected)]
    for ours, theirs in zip(*gradients, strict=True):
        assert theirs.abs().max() > 1e-6
        assert torch.allclose(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("gated", [False, True])
def test_the_gradient_of_what_the_nodes_are(gated: bool) -> None:
    module, block = make(gated), networks.trees([1, 4, 6], NODES, CHANNELS)
    contents = block[:, :CHANNELS].clone().requires_grad_()

    def outputs(contents: Tensor) -> Tensor:
        return module(torch.cat([contents, block[:, CHANNELS:]], dim=1).flatten(1))

    with networks.as_in_jobs():
        assert torch.autograd.gradcheck(outputs, contents)


@pytest.mark.parametrize("gated", [False, True])
def test_number_of_parameters(gated: bool) -> None:
    content, classifier = UNITS * (CHANNELS + 1), 2 * UNITS * (UNITS + 1) + UNITS + 1
    nodes = UNITS * (3 * UNITS + 1)
    gates = 3 * nodes + 4 * UNITS * (4 * UNITS + 1)
    assert networks.parameters(make(gated)) == content + nodes + gates * gated + classifier
    paper = networks.make("recursive", [networks.tree(NODES, 7)])
    assert networks.parameters(paper) == 8481
    assert networks.make("recursive", [networks.tree(NODES, 7)], 4)(torch.zeros(2, 11 * NODES)).shape == (2, 4)


def test_only_nodes_that_are_there_count_and_not_how_they_are_numbered() -> None:
    module, block = make(False), networks.trees(LEAVES, NODES, CHANNELS)
    expected = module(block.flatten(1))
    longer = torch.cat([block, torch.zeros(len(block), CHANNELS + 4, 7)], dim=2)
    wider = networks.make("recursive", [networks.tree(NODES + 7, CHANNELS)], hidden=UNITS).double()
    wider.load_state_dict(module.state_dict())
    assert torch.equal(wider(longer.flatten(1)), expected)
    jet = networks.trees([8], NODES, CHANNELS)
    order = torch.tensor([3, 2, 1, 0, 5, 4, 7, 6, *range(8, NODES)])  # of the leaves: new by old, and old by new
    renumbered = jet[:, :, order]
    children = renumbered[:, CHANNELS : CHANNELS + 2]
    renumbered[:, CHANNELS : CHANNELS + 2] = torch.where(children < 0, children, order[children.long()].double())
    assert not torch.equal(renumbered, jet)
    assert torch.allclose(module(renumbered.flatten(1)), module(jet.flatten(1)), rtol=0, atol=1e-14)


def test_children_are_not_alike_and_a_tree_without_a_node_is_one_of_zeros() -> None:
    module, block = make(False), networks.trees([5, 5], NODES, CHANNELS)
    block[1] = block[0]
    block[1, [CHANNELS, CHANNELS + 1], 8] = block[0, [CHANNELS + 1, CHANNELS], 8]
    one, other = module(block.flatten(1))
    assert one != other
    empty, leaf = torch.zeros(1, CHANNELS + 4, NODES).double(), networks.trees([1], NODES, CHANNELS)
    leaf[:, :CHANNELS] = 0
    assert torch.equal(module(empty.flatten(1)), module(leaf.flatten(1)))


def test_a_circle_is_found_before_it_fills_the_memory() -> None:
    block = networks.trees([4], NODES, CHANNELS)
    block[0, CHANNELS, 4] = 6  # the first merge takes the root
    with pytest.raises(SnakerootError, match="these are no trees"):
        make(False)(block.flatten(1))


def test_in_sixteen_bits() -> None:
    block = networks.trees(LEAVES, NODES, CHANNELS).float().flatten(1)
    for gated in (False, True):
        module = make(gated).float()
        with torch.autocast("cpu", torch.bfloat16):
            found = module(block)
        found.sum().backward()
        assert found.dtype == torch.bfloat16
        assert torch.allclose(found.float(), module(block), atol=0.02)


def test_scalars_join_and_a_tree_there_must_be() -> None:
    mixed = networks.make("recursive", [*networks.scalars(1), networks.tree(NODES, CHANNELS), *networks.scalars(1)])
    rows = torch.zeros(1, 1 + (CHANNELS + 4) * NODES + 1)
    alike = mixed(rows)
    for place in (0, -1):
        rows[0, place] += 1
        assert mixed(rows) != alike
    with pytest.raises(SnakerootError, match="inputs: none is of kind 'tree' among x0, x1"):
        networks.make("recursive", networks.scalars(2))


@pytest.mark.parametrize("gated", [False, True])
def test_it_learns_what_only_the_tree_tells(gated: bool) -> None:
    """All have two leaves of each kind, and the same nodes; in class 1 alike ones are merged first."""
    random = torch.Generator().manual_seed(5)
    target = torch.randint(2, (1000,), generator=random)
    block = networks.trees([4], 7, 1).float().repeat(len(target), 1, 1)
    for row, alike in zip(block, target.tolist(), strict=True):
        order = torch.randperm(4, generator=random)
        row[0, :4], row[0, 4:] = torch.tensor([1.0, 1.0, -1.0, -1.0])[order], 0.0
        places = order.argsort()  # of +, +, -, -
        row[1:3, 4] = places[[0, 1]] if alike else places[[0, 2]]
        row[1:3, 5] = places[[2, 3]] if alike else places[[3, 1]]
        row[1:3, 6] = torch.tensor([4, 5])
        row[3] = torch.tensor([0, 0, 0, 0, 1, 1, 2])
    rows = block.flatten(1)
    with networks.as_in_jobs():
        module = networks.make("recursive", [networks.tree(7, 1)], hidden=10, gated=gated)
        networks.train(module, rows[:500], target[:500], 20)
    assert networks.accuracy(module, rows[500:], target[500:]) > 0.99
