"""The recursion over trees of Louppe, Cho, Becot and Cranmer, arXiv:1702.00748, over all trees of a batch at once.

A tree is computed from its deepest nodes up, level by level. All nodes of a level are the children of nodes of the
level above, and stand in their order, left, right, left, right: so seen as half as many rows of twice the width, the
embeddings of a level are the pairs [h_left, h_right] that the level above takes. No child is looked up, and no two
gradients are summed: each node has one parent.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch._higher_order_ops.while_loop import while_loop

from snakeroot.errors import SnakerootError
from snakeroot.networks.inputs import MARKS
from snakeroot.networks.layers.joined import Encoder


class Simple(nn.Module):
    """h = ReLU(W_h [h_left, h_right, u] + b_h): equation 3."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(3 * units, units)

    def forward(self, children: Tensor, content: Tensor) -> Tensor:
        """Map (m, 2·units) of the children and (m, units) of the nodes' contents to embeddings (m, units)."""
        return torch.relu(self.hidden(torch.cat([children, content], dim=1)))


class Gated(nn.Module):
    """With reset gates r on what the new embedding is made of, and update gates z on what it is mixed with.

    h = z_H h̃ + z_L h_left + z_R h_right + z_N u, with h̃ = ReLU(W_h̃ [r_L h_left, r_R h_right, r_N u] + b_h̃),
    z = softmax(W_z [h̃, h_left, h_right, u] + b_z) over the four of each unit, and
    r = sigmoid(W_r [h_left, h_right, u] + b_r): the gated recursive activation.
    """

    def __init__(self, units: int) -> None:
        super().__init__()
        self.reset = nn.Linear(3 * units, 3 * units)
        self.hidden = nn.Linear(3 * units, units)
        self.update = nn.Linear(4 * units, 4 * units)

    def forward(self, children: Tensor, content: Tensor) -> Tensor:
        """Map (m, 2·units) of the children and (m, units) of the nodes' contents to embeddings (m, units)."""
        known = torch.cat([children, content], dim=1)
        new = torch.relu(self.hidden(torch.sigmoid(self.reset(known)) * known))
        choice = torch.cat([new, known], dim=1)
        share = self.update(choice).view(len(new), 4, -1).softmax(1)
        choice = choice.view(len(new), 4, -1)
        mixed: Tensor = (share * choice).sum(1)
        return mixed


class Tree(Encoder):
    """Blocks (n, channels + 4, nodes), as in snakeroot.inputs, to the embeddings of the trees' roots (n, units)."""

    def __init__(self, channels: int, units: int, gated: bool) -> None:
        super().__init__()
        self.width = units
        self.content = nn.Linear(channels, units)
        self.node = Gated(units) if gated else Simple(units)

    def forward(self, block: Tensor) -> Tensor:
        """Compute u = ReLU(W_u content + b_u) of all nodes; it is the embedding of a leaf; then the levels."""
        if torch.compiler.is_exporting():
            return self.in_order(block)
        levels, parents = by_depth(block[:, -len(MARKS["tree"]) :])
        channels = block[:, : -len(MARKS["tree"])].transpose(1, 2).flatten(0, 1)
        content = torch.relu(self.content(channels.index_select(0, torch.cat(levels))))
        contents = torch.split(content, [len(level) for level in levels])
        embedded: Tensor = contents[-1]
        for content, inner in zip(contents[-2::-1], parents[::-1], strict=True):
            merged = self.node(embedded.view(len(inner), -1), content.index_select(0, inner))
            # in 16 bits a GPU takes the softmax of the gates in 32
            embedded = content.index_copy(0, inner, merged.to(content.dtype))
        return embedded

    def in_order(self, block: Tensor) -> Tensor:
        """Return the same, node after node: what a graph can say that does not depend on the trees' shapes."""
        marks = len(MARKS["tree"])
        left, right, _, mask = block[:, -marks:].unbind(1)
        contents = torch.relu(self.content(block[:, :-marks].transpose(1, 2)))
        inner = (mask > 0) & (left >= 0)
        children = torch.stack([left, right], dim=2).long().clamp(0, contents.shape[1] - 1)
        places = torch.arange(contents.shape[1])

        def unfinished(place: Tensor, known: Tensor) -> Tensor:
            return place < known.shape[1]

        def embed(place: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
            pair = children.index_select(1, place[None]).squeeze(1)
            content = contents.index_select(1, place[None]).squeeze(1)
            pairs = known.gather(1, pair[..., None].expand(-1, -1, known.shape[2])).flatten(1)
            embedded = torch.where(inner.index_select(1, place[None]), self.node(pairs, content), content)
            return place + 1, torch.where((places == place)[None, :, None], embedded[:, None], known)

        loop: Callable[..., tuple[Tensor, Tensor]] = while_loop
        _, embedded = loop(unfinished, embed, (torch.tensor(0), torch.zeros_like(contents)))
        root = (mask.sum(1).long() - 1).clamp(min=0)
        return embedded.gather(1, root[:, None, None].expand(-1, 1, self.width)).squeeze(1)


def by_depth(marks: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """Return the nodes of all trees by their distance from the root, given their left, right, height and mask.

    Args:
        marks: (n, 4, nodes).

    Returns:
        For each depth the nodes, int64, counted through all trees: at first the n roots; and for each depth but the
        last which of its nodes, by their place among them, are the parents of the next depth's nodes, in their order.

    Raises:
        SnakerootError: if there are more of them than there is room for.
    """
    nodes = torch.arange(marks[:, 0].numel(), device=marks.device).view(len(marks), -1)
    children = (marks[:, :2].transpose(1, 2).long() + nodes[:, :1, None]).flatten(0, 1)
    mask = marks[:, -1] > 0
    inner = (mask & (marks[:, 0] >= 0)).flatten()  # where the mask is 0, so are the positions of children
    # a tree without any node counts as one leaf of zeros
    levels, parents = [nodes[:, 0] + (mask.sum(1) - 1).clamp(min=0)], []
    while len(places := inner[levels[-1]].nonzero().squeeze(1)):
        parents.append(places)
        levels.append(children[levels[-1][places]].flatten())
        if sum(map(len, levels)) > nodes.numel():  # or a circle would fill the memory
            raise SnakerootError("these are no trees: a node has two parents, or is its own descendant")
    return levels, parents
