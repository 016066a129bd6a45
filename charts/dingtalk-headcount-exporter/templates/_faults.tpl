{{/* Refuses values that contradict each other, all at once, each with what to write instead. */}}
{{- define "dingtalk-headcount-exporter.refuse" -}}
{{- $faults := list -}}
{{- $values := .Values -}}
{{- $shards := int $values.shards -}}
{{- $config := toYaml $values.config -}}
{{- $web := $values.webConfig.config -}}
{{- $transport := include "dingtalk-headcount-exporter.transport" . -}}

{{- if $values.demo -}}
  {{- if or $values.config $values.existingSecret $values.credentials -}}
    {{- $faults = append $faults "demo: does not poll DingTalk: remove it, or remove config, existingSecret and credentials" -}}
  {{- end -}}
{{- else if not $values.config.organizations -}}
  {{- $faults = append $faults "config.organizations: is empty: name the organizations to poll, or set demo to true to see simulated ones" -}}
{{- end -}}

{{- if and $values.existingSecret $values.credentials -}}
  {{- $faults = append $faults "credentials: are given twice: remove credentials, or existingSecret" -}}
{{- end -}}
{{- range $index, $organization := $values.config.organizations -}}
  {{- range $key := list "client_secret" "app_secret" "access_token" -}}
    {{- if hasKey $organization $key -}}
      {{- $faults = append $faults (printf "config.organizations[%d].%s: would be readable in a ConfigMap: put the secret into a Secret, name that in existingSecret, and write %s_file: /etc/dingtalk/secrets/KEY" $index $key $key) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- if and (contains "/etc/dingtalk/secrets/" $config) (not (include "dingtalk-headcount-exporter.credentials" .)) (not $values.extraVolumeMounts) -}}
  {{- $faults = append $faults "config: names files in /etc/dingtalk/secrets, but nothing is mounted there: name the Secret that has them in existingSecret" -}}
{{- end -}}

{{- if gt $shards 1 -}}
  {{- if ne (int $values.replicaCount) 1 -}}
    {{- $faults = append $faults (printf "replicaCount: each of the %d shards is one pod: remove replicaCount, or set shards to 1" $shards) -}}
  {{- end -}}
  {{- if ne $values.service.type "ClusterIP" -}}
    {{- $faults = append $faults (printf "service.type: the Service of shards is headless and cannot be a %s: remove service.type, or set shards to 1" $values.service.type) -}}
  {{- end -}}
{{- end -}}

{{- if and $values.webConfig.existingSecret (not $web) -}}
  {{- $faults = append $faults "webConfig.existingSecret: nothing uses its files: name them in webConfig.config.tls_server_config, as /etc/dingtalk/tls/KEY" -}}
{{- end -}}
{{- if and (contains "/etc/dingtalk/tls/" (toYaml $web)) (not $values.webConfig.existingSecret) (not $values.extraVolumeMounts) -}}
  {{- $faults = append $faults "webConfig.config: names files in /etc/dingtalk/tls, but nothing is mounted there: name the Secret that has them in webConfig.existingSecret" -}}
{{- end -}}

{{- if and $values.serviceMonitor.enabled $values.podMonitor.enabled -}}
  {{- $faults = append $faults "podMonitor.enabled: with serviceMonitor.enabled each pod would be scraped twice: remove one of the two" -}}
{{- end -}}
{{- range $name := list "serviceMonitor" "podMonitor" -}}
  {{- $monitor := get $values $name -}}
  {{- if $monitor.enabled -}}
    {{- if and (ne $transport "plain") (not $monitor.tlsConfig) -}}
      {{- $faults = append $faults (printf "%s.tlsConfig: webConfig.config has TLS: say how Prometheus verifies the certificate, for example {ca: {secret: {name: NAME, key: ca.crt}}, serverName: NAME}" $name) -}}
    {{- else if and (eq $transport "mutual") (not $monitor.tlsConfig.cert) (not $monitor.tlsConfig.certFile) -}}
      {{- $faults = append $faults (printf "%s.tlsConfig.cert: webConfig.config requires client certificates: name Prometheus' own, for example {cert: {secret: {name: NAME, key: tls.crt}}, keySecret: {name: NAME, key: tls.key}}" $name) -}}
    {{- end -}}
    {{- if and $web.basic_auth_users (not $monitor.basicAuth) -}}
      {{- $faults = append $faults (printf "%s.basicAuth: webConfig.config has basic_auth_users: name the Secret with user and password, {username: {name: NAME, key: username}, password: {name: NAME, key: password}}" $name) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}

{{- range $argument := $values.extraArgs -}}
  {{- $flag := regexFind "^--(config\\.file|config\\.check|once|demo|shard|web\\.config\\.file|web\\.listen-address)" $argument -}}
  {{- if $flag -}}
    {{- $faults = append $faults (printf "extraArgs: the chart sets %s itself or relies on its default: remove it; config, demo, shards, webConfig and service are the values for it" $flag) -}}
  {{- end -}}
{{- end -}}

{{- if $values.prometheusRule.enabled -}}
  {{- $alerts := list -}}
  {{- range (.Files.Get "files/dingtalk.rules.yml" | fromYaml).groups -}}
    {{- range .rules -}}
      {{- $alerts = append $alerts .alert -}}
    {{- end -}}
  {{- end -}}
  {{- range $alert := concat (keys $values.prometheusRule.overrides) $values.prometheusRule.disabled -}}
    {{- if not (has $alert $alerts) -}}
      {{- $faults = append $faults (printf "prometheusRule: there is no alert %s: the alerts are %s" $alert (compact $alerts | join ", ")) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}

{{- if $faults -}}
  {{- fail (printf "\n\n%s\n" (join "\n" $faults)) -}}
{{- end -}}
{{- end }}
