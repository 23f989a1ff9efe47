# What each trained model is, was made of and is good for, in words, beside its weights.


rule write_card:
    input:
        weights="<results>/models/{model}/seed{seed}/weights.safetensors",
        scores="<results>/models/{model}/seed{seed}/scores.csv",
        split="<results>/split.csv",
        train_hr="<results>/hr/train.manifest.csv",
        test_hr="<results>/hr/test.manifest.csv",
        lr=f"<results>/lr/{LR}/test.manifest.csv",
    output:
        "<results>/models/{model}/seed{seed}/model.md",
    log:
        "<results>/logs/write_card/{model}/seed{seed}.log",
    benchmark:
        "<results>/benchmarks/write_card/{model}/seed{seed}.tsv"
    localrule: True
    conda:
        "../environment.yaml"
    params:
        code=code("write_card"),
        words=lambda wildcards: words_of_training([wildcards.model]),
        labels=card_labels,
    message:
        "Writing the model card of {wildcards.model}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/write_card.py"
