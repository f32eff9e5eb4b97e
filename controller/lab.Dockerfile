# The lab's equivalent of controller/Dockerfile, for a machine without Docker Hub: `rootfs` holds this machine's own Node with the
# libraries that it needs, and the bundle, at the same paths (src/lab/image/controller-image.ts).
ARG BASE_IMAGE=scratch
# hadolint ignore=DL3006
FROM ${BASE_IMAGE}
ARG VERSION=unknown
COPY rootfs/ /
LABEL org.opencontainers.image.title="frota-controller" \
      org.opencontainers.image.description="frota; without arguments the controller that reconciles a fleet of OpenClaw agents on Kubernetes" \
      org.opencontainers.image.vendor="DigitalSys" \
      org.opencontainers.image.source="https://github.com/digitalsys-tecnologia/agents" \
      org.opencontainers.image.version="${VERSION}"
ENV PATH=/opt/frota/bin:/nodejs/bin \
    HOME=/tmp
WORKDIR /fleet
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/opt/frota/bin/frota"]
CMD ["controller", "run", "--in-cluster"]
