"""What the rules share."""


def figure(svg, kind, category):
    """All files of a figure, the SVG flagged for `snakemake --report` with the caption of its kind."""
    caption = f"../report/{kind}.rst"
    flagged = report(svg, caption=caption, category=category, subcategory=kind)
    return paths.beside(svg) | {"svg": flagged}
