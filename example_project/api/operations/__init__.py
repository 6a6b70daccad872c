"""Operations: health checks, logging and feature flags."""
