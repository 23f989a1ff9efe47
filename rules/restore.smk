# X-rays of one's own, restored, where the config asks for it.

if config["restore"]:

    if workflow.is_main_process:
        # a folder without pictures is told of while planning
        restored_digest(
            config["restore"]["model"],
            settings.seeds(config, config["restore"]["model"])[0],
        )

    rule restore:
        input:
            weights=restoring_weights,
        output:
            folder=directory("<results>/models/{model}/seed{seed}/restored"),
            table="<results>/models/{model}/seed{seed}/restored.csv",
        log:
            "<results>/logs/restore/{model}/seed{seed}.log",
        benchmark:
            "<results>/benchmarks/restore/{model}/seed{seed}.tsv"
        conda:
            "../environment.yaml"
        threads: 8
        resources:
            mem_mb=6000,
            runtime=restoring_minutes,
            gpu=gpus,
            device=config["device"],
        params:
            code=code_of_restoring,
            folder=config["restore"]["pictures"],
            pictures=lambda wildcards: restored_digest(wildcards.model, wildcards.seed),
            trained=trained_by,
            lr=lambda wildcards: lr_folder(wildcards.model),
        message:
            "Restoring the pictures in {params.folder} with {wildcards.model}"
        script:
            "../workflow_scripts/restore.py"
