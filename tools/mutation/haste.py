"""A plugin of pytest that lets Hypothesis stop at the first example that fails."""

from hypothesis import Phase, settings

settings.register_profile("haste", phases=(Phase.explicit, Phase.reuse, Phase.generate))
settings.load_profile("haste")
