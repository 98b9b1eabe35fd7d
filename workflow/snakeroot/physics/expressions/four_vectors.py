"""Four-vectors in expressions, computed by the vector package on flat arrays of components, shape (n,) or ()."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from snakeroot.physics.expressions.values import Content

Components = tuple[Content, Content, Content, Content]


def delta_r(eta: Content, phi: Content, other_eta: Content, other_phi: Content) -> Content:
    """Distance in η and φ: the root of Δη² + Δφ², with Δφ the short way round."""
    one, other = (_momenta(pt=1.0, eta=a, phi=b, mass=0.0) for a, b in ((eta, phi), (other_eta, other_phi)))
    return _known(one.deltaR(other), eta, phi, other_eta, other_phi)


def pair(fourth: str) -> Callable[..., Content]:
    """Return the invariant mass of two momenta, from pt, η, φ and mass (or energy: `fourth`) of each."""

    def function(*components: Content) -> Content:
        one, other = (cartesian(fourth, *four) for four in (components[:4], components[4:]))
        return part("mass", *(a + b for a, b in zip(one, other, strict=True)))

    return function


def cartesian(fourth: str, pt: Content, eta: Content, phi: Content, last: Content) -> Components:
    """Return px, py, pz and E from pt, η, φ and mass or energy."""
    momenta = _momenta(pt=pt, eta=eta, phi=phi, **{fourth: last})
    px, py, pz, energy = (_known(one, pt, eta, phi, last) for one in (momenta.px, momenta.py, momenta.pz, momenta.E))
    return px, py, pz, energy


def part(name: str, px: Content, py: Content, pz: Content, energy: Content) -> Content:
    """Return the mass (of a negative square the negative root), pt, η or φ of momenta."""
    momenta = _momenta(px=px, py=py, pz=pz, E=energy)
    return _known(getattr(momenta, name), px, py, pz, energy)


def _momenta(**components: Any) -> Any:
    import vector  # noqa: PLC0415 - it imports a computer algebra, for the sake of few expressions

    return vector.array(dict(zip(components, np.broadcast_arrays(*components.values()), strict=True)))


def _known(component: Any, *given: Content) -> Content:
    """NaN where a component is NaN: vector makes 0 of some."""
    unknown = np.logical_or.reduce([np.isnan(one) for one in np.broadcast_arrays(*given)])
    return np.where(unknown, np.nan, np.asarray(component))
