"""From a graph to an ONNX model that is the same in every run, and says no more than it has to."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import onnx
import torch

from snakeroot.errors import SnakerootError
from snakeroot.export import trees
from snakeroot.export.graph import NUMBER, TREES, Graph, Trees
from snakeroot.networks.layers.boosted_trees import BoostedTrees

ROWS = 13
"""Rows of what is traced."""

AXIS = "rows"
"""Name of the first axis of all inputs and outputs."""


def make(graph: Graph, outputs: Sequence[str]) -> onnx.ModelProto:
    """Return a graph as ONNX, its inputs named after those of the networks.

    Raises:
        SnakerootError: if torch cannot export it.
    """
    names = [one.name for one in graph.inputs]
    blocks = tuple(torch.zeros(ROWS, *(one.shape or (1,))) for one in graph.inputs)
    axes = tuple({0: torch.export.Dim.DYNAMIC} for _ in blocks)
    with _stand_ins(graph) as of_numbers, _quiet():
        try:
            program = torch.onnx.export(
                graph,
                blocks,
                dynamo=True,
                dynamic_shapes=(axes,),
                input_names=names,
                output_names=list(outputs),
                verbose=False,
            )
        except Exception as error:  # whatever a network makes of it
            said = next((line for line in str(error).splitlines() if line.startswith("<class")), str(error))
            raise SnakerootError(f"torch cannot export this network as ONNX: {said[:500]}") from error
    if program is None:
        raise SnakerootError("torch exported nothing")
    model: onnx.ModelProto = program.model_proto
    for node in model.graph.node:
        if f"{node.domain}::{node.op_type}" == TREES:
            trees.fill(node, of_numbers[next(one.i for one in node.attribute if one.name == NUMBER)])
    _strip(model)
    onnx.checker.check_model(model, full_check=True)
    return model


@contextmanager
def _stand_ins(graph: Graph) -> Iterator[list[BoostedTrees]]:
    """Put nodes in the place of boosted trees, and yield the trees."""
    known = [(network, network.layers) for network in graph.networks if isinstance(network.layers, BoostedTrees)]
    try:
        for number, (network, layers) in enumerate(known):
            network.layers = Trees(layers, number)
        yield [layers for _, layers in known if isinstance(layers, BoostedTrees)]
    finally:
        for network, layers in known:
            network.layers = layers


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the exporter says of its own parts to itself: warnings of what it was not asked for."""
    before = logging.root.manager.disable
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(before)


def _strip(model: onnx.ModelProto) -> None:
    """Remove where in the code, and on whose machine, each node is from, and name the axis of the rows."""
    graphs = [model.graph, *model.functions]
    while graphs:
        graph = graphs.pop()
        graph.doc_string = ""
        del graph.metadata_props[:], graph.value_info[:]
        for node in graph.node:
            node.doc_string = ""
            del node.metadata_props[:]
            graphs += [one.g for one in node.attribute if one.type == onnx.AttributeProto.GRAPH]
    for value in (*model.graph.input, *model.graph.output):
        value.doc_string = ""
        del value.metadata_props[:]
        value.type.tensor_type.shape.dim[0].dim_param = AXIS
    for tensor in model.graph.initializer:
        tensor.doc_string = ""
        del tensor.metadata_props[:]
    del model.metadata_props[:]
    model.graph.name, model.producer_name, model.producer_version = "network", "snakeroot", ""
