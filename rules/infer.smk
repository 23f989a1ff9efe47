# The test images restored by each model.


rule infer:
    input:
        lr=test_pictures,
        weights=weights,
        files=network_files,
    output:
        folder=directory("<results>/models/{model}/seed{seed}/sr"),
        manifest="<results>/models/{model}/seed{seed}/sr.manifest.csv",
    log:
        "<results>/logs/infer/{model}/seed{seed}.log",
    benchmark:
        "<results>/benchmarks/infer/{model}/seed{seed}.tsv"
    conda:
        "../environment.yaml"
    threads: inference_threads
    resources:
        mem_mb=inference_memory,
        runtime=minutes(0.1 * COUNTS["test"] * HR_PIXELS / 256**2),
        gpu=gpus,
        device=config["device"],
    params:
        code=code_of_inference,
        spec=lambda wildcards: as_json(settings.network_spec(config, wildcards.model)),
        trained=trained_by,
        precision=precision_of_inference,
    message:
        "Restoring the test images with {wildcards.model}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/infer.py"
