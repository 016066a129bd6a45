{{/* The pod of the Deployment and of the StatefulSet. */}}
{{- define "dingtalk-headcount-exporter.pod" -}}
{{- $root := . -}}
{{- $shards := int .Values.shards -}}
{{- $fullname := include "dingtalk-headcount-exporter.fullname" . -}}
{{- $volumes := list -}}
{{- if not .Values.demo -}}
  {{- $volumes = append $volumes (dict "name" "config" "path" "/etc/dingtalk/config" "source" (dict "configMap" (dict "name" $fullname))) -}}
{{- end -}}
{{- with include "dingtalk-headcount-exporter.credentials" . -}}
  {{- $volumes = append $volumes (dict "name" "credentials" "path" "/etc/dingtalk/secrets" "source" (dict "secret" (dict "secretName" .))) -}}
{{- end -}}
{{- if .Values.webConfig.config -}}
  {{- $volumes = append $volumes (dict "name" "web-config" "path" "/etc/dingtalk/web" "source" (dict "secret" (dict "secretName" (printf "%s-web-config" $fullname)))) -}}
{{- end -}}
{{- with .Values.webConfig.existingSecret -}}
  {{- $volumes = append $volumes (dict "name" "tls" "path" "/etc/dingtalk/tls" "source" (dict "secret" (dict "secretName" .))) -}}
{{- end -}}
metadata:
  annotations:
    checksum/config: {{ toYaml (list .Values.config .Values.webConfig.config) | sha256sum }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  labels:
    {{- include "dingtalk-headcount-exporter.labels" . | nindent 4 }}
    {{- with .Values.pod.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "dingtalk-headcount-exporter.serviceAccountName" . }}
  automountServiceAccountToken: false
  # The variables that are made from Service names may begin with DINGTALK_, as the exporter's own do.
  enableServiceLinks: false
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
  containers:
    - name: exporter
      image: {{ include "dingtalk-headcount-exporter.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        {{- if .Values.demo }}
        - --demo
        {{- else }}
        - --config.file=/etc/dingtalk/config/exporter.yml
        {{- end }}
        {{- if .Values.webConfig.config }}
        - --web.config.file=/etc/dingtalk/web/web.yml
        {{- end }}
        {{- if gt $shards 1 }}
        - --shard=$(POD_INDEX)/{{ $shards }}
        {{- end }}
        {{- with .Values.extraArgs }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- if or (gt $shards 1) .Values.extraEnv }}
      env:
        {{- if gt $shards 1 }}
        - name: POD_INDEX
          valueFrom:
            fieldRef:
              fieldPath: metadata.labels['apps.kubernetes.io/pod-index']
        {{- end }}
        {{- range $name, $value := .Values.extraEnv }}
        - name: {{ $name }}
          {{- if kindIs "map" $value }}
          {{- toYaml $value | nindent 10 }}
          {{- else }}
          value: {{ $value | quote }}
          {{- end }}
        {{- end }}
      {{- end }}
      ports:
        - name: metrics
          containerPort: 10210
          protocol: TCP
      livenessProbe:
        {{- include "dingtalk-headcount-exporter.probe" (dict "root" $root "path" "/-/healthy" "times" .Values.livenessProbe) | nindent 8 }}
      readinessProbe:
        {{- include "dingtalk-headcount-exporter.probe" (dict "root" $root "path" "/-/ready" "times" .Values.readinessProbe) | nindent 8 }}
      {{- with .Values.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        {{- toYaml .Values.securityContext | nindent 8 }}
      {{- if or $volumes .Values.extraVolumeMounts }}
      # Whole folders, not single files by subPath: those do not follow a change of the Secret.
      volumeMounts:
        {{- range $volumes }}
        - name: {{ .name }}
          mountPath: {{ .path }}
          readOnly: true
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- if or $volumes .Values.extraVolumes }}
  volumes:
    {{- range $volumes }}
    - name: {{ .name }}
      {{- toYaml .source | nindent 6 }}
    {{- end }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- range . }}
    {{- $selector := dict "labelSelector" (dict "matchLabels" (include "dingtalk-headcount-exporter.selectorLabels" $root | fromYaml)) }}
    {{- list (merge (deepCopy .) (ternary dict $selector (hasKey . "labelSelector"))) | toYaml | nindent 4 }}
    {{- end }}
  {{- end }}
{{- end }}
