"""What the rules share."""


def gpus(wanted):
    """Resources of a rule that uses GPUs if there are any, by the names that SLURM, and HTCondor, go by.

    Without a scheduler, `gpu` is cut down to what the profile counts on this machine; 0 is the CPU. Resources are no
    reason to run again, and so neither is the device. What is fitted without gradients uses none.
    """

    def count(w):
        return 0 if project.config.accelerator == "cpu" or project.fitted(w.task, w.model) else wanted

    return {"gpu": count, "request_gpus": count, "accelerator": project.config.accelerator}


onstart:
    limit = workflow.global_resources.get("gpu")
    if project.config.accelerator == "auto" and limit and not limit.value:
        logger.info("There is no GPU on this machine: networks run on the CPU.")


def figure(svg, kind, category):
    """All files of a figure, the SVG flagged for `snakemake --report` with the caption of its kind."""
    caption = f"../report/{kind}.rst"
    flagged = report(svg, caption=caption, category=category, subcategory=kind)
    return paths.beside(svg) | {"svg": flagged}
