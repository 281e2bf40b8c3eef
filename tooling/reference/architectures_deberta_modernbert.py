"""Cases of make_architectures.py: DeBERTa-v2, DeBERTa-v3 and ModernBERT."""

from transformers import DebertaV2Config, DebertaV2ForMaskedLM, ModernBertConfig, ModernBertForMaskedLM

deberta = dict(
    vocab_size=97,
    hidden_size=24,
    num_hidden_layers=2,
    num_attention_heads=3,
    intermediate_size=36,
    max_position_embeddings=40,
    relative_attention=True,
)

modernbert = dict(
    vocab_size=97,
    hidden_size=24,
    num_attention_heads=3,
    intermediate_size=36,
    max_position_embeddings=40,
    pad_token_id=0,
    bos_token_id=1,
    cls_token_id=1,
    eos_token_id=2,
    sep_token_id=2,
)


# name -> (class, configuration, what is done to the tensors before they are stored)
CASES = {
    # As DeBERTa-v3: one projection for contents and distances, logarithmic buckets, the new head.
    "deberta-v2": (
        DebertaV2ForMaskedLM,
        DebertaV2Config(
            **deberta,
            position_biased_input=False,
            position_buckets=8,
            norm_rel_ebd="layer_norm",
            share_att_key=True,
            pos_att_type="p2c|c2p",
            legacy=False,
        ),
        None,
    ),
    # As DeBERTa-v2 in its largest sizes, with a convolution, and with every other switch the other way.
    "deberta-v2-conv": (
        DebertaV2ForMaskedLM,
        DebertaV2Config(
            **deberta | dict(hidden_size=16, num_attention_heads=2),
            embedding_size=10,
            type_vocab_size=2,
            hidden_act="gelu_new",
            max_relative_positions=6,
            share_att_key=False,
            pos_att_type=["p2c", "c2p"],
            conv_kernel_size=3,
            conv_act="gelu",
            layer_norm_eps=1e-5,
            tie_word_embeddings=False,
        ),
        None,
    ),
    # Contents meet distances on one side only: nothing that a key's bias adds is seen.
    "deberta-v2-c2p": (
        DebertaV2ForMaskedLM,
        DebertaV2Config(
            **deberta | dict(hidden_size=16, num_attention_heads=2, num_hidden_layers=1),
            pos_att_type=["c2p"],
            share_att_key=False,
        ),
        None,
    ),
    # The layer that is read out sees the whole text, and the one before it a window.
    "modernbert": (
        ModernBertForMaskedLM,
        ModernBertConfig(
            **modernbert,
            num_hidden_layers=3,
            layer_types=["full_attention", "sliding_attention", "full_attention"],
            local_attention=6,
            hidden_activation="silu",
        ),
        None,
    ),
    # As transformers 4 writes it, with all biases but the decoder's and every other switch the other way.
    "modernbert-biased": (
        ModernBertForMaskedLM,
        ModernBertConfig(
            **modernbert | dict(hidden_size=16, num_attention_heads=2),
            num_hidden_layers=2,
            local_attention=5,
            global_rope_theta=300.0,
            local_rope_theta=20.0,
            norm_bias=True,
            attention_bias=True,
            mlp_bias=True,
            classifier_bias=True,
            decoder_bias=False,
            classifier_activation="gelu_new",
            norm_eps=1e-4,
            tie_word_embeddings=False,
        ),
        "transformers 4",
    ),
}
