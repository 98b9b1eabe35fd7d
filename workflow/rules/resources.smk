"""What jobs ask a scheduler for, and where it cannot be had."""


def needs(stage, gpus=None, works=lambda w: 1, nodes=None):
    """Resources of a rule, by the names that SLURM's plugin and HTCondor's go by: each ignores the other's.

    Memory and time are those of the stage in the config, doubled with each attempt; of a job that does several works
    of its stage in a row, the time is that of all `works`. `gpus` is the number of GPUs of a
    rule that uses them if there are any, on each of its `nodes`. Without a scheduler, `gpu` is cut down to what the
    profile counts on this machine, 0 being the CPU, and the rest limits nothing. Resources are no reason to run again, and so neither is the
    device.
    """

    def wanted(w):
        if PYTHON not in shell._process_prefix:
            raise WorkflowError(
                "shell.prefix was called after Snakeroot's Snakefile, whose rules need theirs: call it before"
            )
        return project.resources(stage, w.get("task"))

    def memory(w, attempt):
        return wanted(w).memory_MB * 2 ** (attempt - 1)

    def minutes(w, attempt):
        return wanted(w).minutes * works(w) * 2 ** (attempt - 1)

    def seconds(w, attempt):
        return 60 * minutes(w, attempt)

    def disk(w):
        return wanted(w).disk_MB

    def count(w):
        return gpus_of(w, gpus)

    def model(w):
        return wanted(w).gpu_model if count(w) else None

    slurm = {"mem_mb": memory, "disk_mb": disk, "runtime": minutes}
    # a job beyond allowed_job_duration is held; CERN's pool wants to know MaxRuntime beforehand
    htcondor = {
        "htcondor_request_mem_mb": memory,
        "htcondor_request_disk_mb": disk,
        "allowed_job_duration": seconds,
        "classad_MaxRuntime": seconds,
    }
    if gpus is None:
        return slurm | htcondor
    slurm |= {"gpu": count, "gpu_model": model}
    if nodes:
        slurm |= on_nodes(lambda w: 1 if project.fitted(w.task, w.model) else nodes, count, model)
    htcondor |= {
        "request_gpus": lambda w: count(w) or None,
        "require_gpus": lambda w: f'regexp("{model(w)}", DeviceName, "i")' if model(w) else None,
    }
    return slurm | htcondor | {"accelerator": project.config.accelerator}


def on_nodes(nodes, gpus, model):
    """Resources of jobs that may be on several machines: of SLURM's plugin, and the last two of HTCondor's.

    `gpu` would be the GPUs of all machines, shared out as SLURM likes; `gres` are those of each. With `mpi` the job's own
    command calls srun. `tasks_per_gpu` keeps the plugin from asking for more tasks than one for each machine.
    """

    def several(wanted, alone=lambda w: None):
        return lambda w: (wanted if nodes(w) > 1 else alone)(w)

    return {
        "nodes": nodes,
        "tasks": several(nodes),
        "tasks_per_gpu": several(lambda w: 0),
        "mpi": several(lambda w: "srun"),
        "gpu": several(lambda w: 0, gpus),
        "gpu_model": several(lambda w: None, model),
        "gres": several(lambda w: ":".join(filter(None, ["gpu", model(w), str(gpus(w))])) if gpus(w) else None),
        "node_gpus": several(gpus, lambda w: 0),
        "universe": several(lambda w: "parallel"),
        "htcondor_submit_machine_count": several(nodes),
    }


def refuse_nodes():
    """Refuse a training on several machines where there is no scheduler to give them."""
    known = ("slurm", "htcondor")
    if not workflow.is_main_process or workflow.executor_plugin.name in known:
        return
    if any(job.resources.get("nodes", 1) > 1 for job in workflow.dag.needrun_jobs()):
        sys.exit(
            f"error: config: nodes: {project.config.nodes}: a training on several machines needs SLURM or HTCondor: run "
            f"with {' or '.join(f'--workflow-profile profiles/{name}' for name in known)}, or set nodes: 1"
        )


def reading(w):
    """Threads of a job that reads an ntuple: two, if there are fewer ntuples than cores for them; its bytes are the same.

    Where there are more, the cores are better used by a job each, and so they are on a farm.
    """
    cores = 1 if workflow.remote_exec else workflow.resource_settings.cores or 1
    return 2 if plan.features.ntuples(project) < cores else 1


def gpus_of(w, wanted):
    """How many GPUs a job asks for: none if networks run on the CPU, or if the model is fitted without gradients."""
    return 0 if project.config.accelerator == "cpu" or project.fitted(w.task, w.model) else wanted
