"""Which samples the clusters of a model are made of, and where each sample is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Labelled, OfTask, Sample

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.representations import Representations

TITLE, ORDER = "Clusters", 42
SUBJECT = "model"
READS = ("test",)


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    clusters: bool = Field(True, description="whether what the model finds are memberships of clusters")
    samples: list[Sample]


def applies(settings: Shown) -> bool:
    """Whether the model finds clusters."""
    return settings.clusters


def draw(settings: Shown, test: Representations) -> tuple[Figure, pd.DataFrame]:
    """Draw of each cluster the shares of the samples in it, and of each sample the shares that are in the clusters.

    They are those of the first network.
    """
    import numpy as np
    from matplotlib.ticker import NullLocator

    table = composition(test)
    figure, [made_of, spread] = plotting.panels(1, 1, size=(plotting.WIDTH, 6.4), stated=settings)
    shown = [sample for sample in settings.samples if sample.name in test.samples]
    names = sorted(table["cluster"].unique())
    bottom = np.zeros(len(names))
    width = 0.8 / len(shown)
    colours = plotting.of_samples(settings.samples)
    for place, sample in enumerate(shown):
        colour = colours[sample.name]
        own = table[table["sample"] == sample.name].set_index("cluster").loc[names]
        label = plotting.checked(sample.label, f"evaluation.labels.{sample.name}")
        share = own["share_of_cluster"].to_numpy()
        look: dict[str, Any] = {"width": 0.8, "color": colour, "edgecolor": "white", "linewidth": 0.6, "label": label}
        made_of.bar(names, share, bottom=bottom, **look)
        bottom += share
        if place < len(shown) - 1:  # the last one ends at 1
            bars: dict[str, Any] = {"fmt": "none", "ecolor": "black", "elinewidth": 1.2, "capsize": 3}
            made_of.errorbar(names, bottom, own["share_of_cluster_error"], **bars)
        at = np.array(names) + (place - (len(shown) - 1) / 2) * width
        spread.bar(
            at,
            own["share_of_sample"],
            yerr=own["share_of_sample_error"],
            width=width,
            color=colour,
            capsize=2,
            linewidth=0,
        )
    made_of.set(ylabel="Share of the cluster", ylim=(0, 1), yticks=[0, 0.25, 0.5, 0.75, 1])
    made_of.yaxis.set_minor_locator(NullLocator())
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}")
    spread.set(ylabel="Share of the sample", xlabel="Cluster", xlim=(min(names) - 0.6, max(names) + 0.6))
    spread.set_ylim(bottom=0)
    if len(names) <= 20:
        spread.set_xticks(names)
    spread.xaxis.set_minor_locator(NullLocator())
    plotting.crown([made_of], loc="upper center", ncols=min(len(shown), 3), title=title)
    return figure, table


def composition(encoded: Representations) -> pd.DataFrame:
    """Return a row for each cluster and sample: the weight there, and its share of the cluster (for equal totals of the
    samples) and of the sample, with their statistical uncertainties; 0 where there is nothing to have a share of.

    They are those of a ratio of sums over independent rows: of a share p = a / (a + b), with variances A and B of a and
    b, √((1 - p)² A + p² B) / (a + b).
    """
    import numpy as np
    import pandas as pd

    from snakeroot.data.cancellation import CANCELLED, add_up

    rows = encoded.of_first()
    memberships, sample, weight = encoded.coordinates[0][rows], encoded.sample[rows], encoded.weight[rows]
    cluster, shape = memberships.argmax(axis=1), (memberships.shape[1], len(encoded.samples))
    totals = np.array([own.sum() if add_up(own) else np.inf for own in (weight[sample == n] for n in range(shape[1]))])
    place = cluster * shape[1] + sample
    sums, squares, magnitudes = (
        np.bincount(place, values, shape[0] * shape[1]).reshape(shape) for values in (weight, weight**2, np.abs(weight))
    )
    of_sample = sums / totals
    of_all, most = (values.sum(axis=1, keepdims=True) for values in (of_sample, magnitudes / totals))
    of_cluster = of_sample / np.where(of_all > CANCELLED * most, of_all, np.inf)
    variance = squares / totals**2
    within = ratio_variance(of_sample, variance, variance.sum(axis=0))
    among = ratio_variance(of_cluster, variance, variance.sum(axis=1, keepdims=True))
    size = np.where(of_all > CANCELLED * most, of_all, np.inf)
    numbers = pd.MultiIndex.from_product([range(shape[0]), encoded.samples], names=["cluster", "sample"])
    columns = {
        "weight": sums,
        "share_of_cluster": of_cluster,
        "share_of_cluster_error": np.sqrt(among) / size,
        "share_of_sample": of_sample,
        "share_of_sample_error": np.sqrt(within),
    }
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=numbers).reset_index()


def ratio_variance(share: plotting.Floats, own: plotting.Floats, everything: plotting.Floats) -> plotting.Floats:
    """Return the variance of a share of a sum, times the sum's square, from the variances of part and sum."""
    variance: plotting.Floats = (1 - share) ** 2 * own + share**2 * (everything - own)
    return variance
