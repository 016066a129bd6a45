{{- define "dingtalk-headcount-exporter.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 52 | trimSuffix "-" }}
{{- end }}

{{/* At most 52 characters: a StatefulSet's name gets a hash in a label of its pods, and the Service's a suffix. */}}
{{- define "dingtalk-headcount-exporter.fullname" -}}
{{- $name := include "dingtalk-headcount-exporter.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- .Values.fullnameOverride | default $full | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "dingtalk-headcount-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "dingtalk-headcount-exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The labels that every object has beside its name. */}}
{{- define "dingtalk-headcount-exporter.commonLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "dingtalk-headcount-exporter.labels" -}}
{{ include "dingtalk-headcount-exporter.selectorLabels" . }}
{{ include "dingtalk-headcount-exporter.commonLabels" . }}
{{- end }}

{{- define "dingtalk-headcount-exporter.serviceAccountName" -}}
{{- $default := ternary (include "dingtalk-headcount-exporter.fullname" .) "default" .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default $default }}
{{- end }}

{{/* A headless Service has a name of its own: the address of a Service cannot be taken away by an upgrade. */}}
{{- define "dingtalk-headcount-exporter.serviceName" -}}
{{- include "dingtalk-headcount-exporter.fullname" . }}{{ if gt (int .Values.shards) 1 }}-headless{{ end }}
{{- end }}

{{- define "dingtalk-headcount-exporter.image" -}}
{{- $image := printf "%s/%s" (.Values.global.imageRegistry | default .Values.image.registry) .Values.image.repository -}}
{{- with .Values.image.digest }}{{ $image }}@{{ . }}{{ else }}{{ $image }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The name of the Secret behind /etc/dingtalk/secrets, or nothing. */}}
{{- define "dingtalk-headcount-exporter.credentials" -}}
{{- if .Values.existingSecret }}{{ .Values.existingSecret }}
{{- else if .Values.credentials }}{{ include "dingtalk-headcount-exporter.fullname" . }}-credentials
{{- end }}
{{- end }}

{{/* What the web configuration makes of the port: "mutual" where client certificates are required, "tls", or "plain". */}}
{{- define "dingtalk-headcount-exporter.transport" -}}
{{- $tls := .Values.webConfig.config.tls_server_config -}}
{{- if not $tls }}plain
{{- else if hasPrefix "Require" ($tls.client_auth_type | default "") }}mutual
{{- else }}tls
{{- end }}
{{- end }}

{{/* A probe's question. */}}
{{- define "dingtalk-headcount-exporter.probe" -}}
{{- $transport := include "dingtalk-headcount-exporter.transport" .root -}}
{{- if eq $transport "mutual" -}}
tcpSocket:
  port: metrics
{{- else -}}
httpGet:
  path: {{ .path }}
  port: metrics
  scheme: {{ ternary "HTTPS" "HTTP" (eq $transport "tls") }}
{{- end }}
{{- with .times }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What a ServiceMonitor and a PodMonitor say of the port. */}}
{{- define "dingtalk-headcount-exporter.endpoint" -}}
port: metrics
path: {{ .monitor.path }}
scheme: {{ ternary "http" "https" (eq (include "dingtalk-headcount-exporter.transport" .root) "plain") }}
{{- with .monitor.interval }}
interval: {{ . }}
{{- end }}
{{- with .monitor.scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- with .monitor.tlsConfig }}
tlsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .monitor.basicAuth }}
basicAuth:
  {{- toYaml . | nindent 2 }}
{{- end }}
relabelings:
  # The job of the shipped rules and dashboards.
  - action: replace
    targetLabel: job
    replacement: dingtalk
  # They change with the way of scraping, and with them an organization would be another one to the rules.
  - action: labeldrop
    regex: container|endpoint|service
  {{- with .monitor.relabelings }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .monitor.metricRelabelings }}
metricRelabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Not those of the exporter's pods: neither Service nor monitor may take the pod of "helm test" for one. */}}
{{- define "dingtalk-headcount-exporter.testLabels" -}}
app.kubernetes.io/name: {{ include "dingtalk-headcount-exporter.name" . }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
