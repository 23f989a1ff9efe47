# Weights and history of each trained model and seed.


rule train:
    input:
        unpack(training_pictures),
        content_weights=content_weights,
        initial=initial_weights,
        files=network_files,
    output:
        weights="<results>/models/{model}/seed{seed}/weights.safetensors",
        history="<results>/models/{model}/seed{seed}/history.csv",
    log:
        "<results>/logs/train/{model}/seed{seed}.log",
    benchmark:
        "<results>/benchmarks/train/{model}/seed{seed}.tsv"
    conda:
        "../environment.yaml"
    threads: training_threads
    resources:
        mem_mb=training_memory,
        runtime=training_minutes,
        gpu=gpus,
        device=config["device"],
    params:
        code=code_of_training,
        spec=lambda wildcards: as_json(settings.train_spec(config, wildcards.model)),
    message:
        "Training {wildcards.model}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/train.py"
