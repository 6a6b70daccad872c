# AriStay, built in one stage and run in another that has no compiler, no pip cache and no root.
FROM python:3.13-slim-trixie AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /venv
COPY requirements/ requirements/
RUN /venv/bin/pip install \
    --requirement requirements/build.txt \
    --requirement requirements/django61.txt \
    --requirement requirements/example.txt \
    --requirement requirements/postgres.txt \
    --requirement requirements/serve.txt
COPY pyproject.toml README.md LICENSE ./
COPY src/ src/
RUN /venv/bin/pip install --no-build-isolation --no-deps .

FROM python:3.13-slim-trixie

# libmagic judges uploads; PostgreSQL's programs make and restore backups.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libmagic1t64 postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin aristay \
    && install --directory --owner=aristay --group=aristay /data/media /data/backups
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ARISTAY_MEDIA_ROOT=/data/media \
    ARISTAY_STATIC_ROOT=/app/static
COPY --from=build /venv /venv
WORKDIR /app/example_project
COPY example_project/ ./
# Any key will do to collect files; it stays in this line.
RUN ARISTAY_SECRET_KEY=build DATABASE_URL=sqlite:////tmp/none.sqlite3 \
    python manage.py collectstatic --no-input --verbosity 0

USER aristay
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
CMD ["gunicorn", "aristay.wsgi:application", "--bind=0.0.0.0:8000", "--workers=3", "--threads=4", "--timeout=60", "--keep-alive=75", "--max-requests=2000", "--max-requests-jitter=200", "--worker-tmp-dir=/dev/shm"]
