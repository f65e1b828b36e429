{{- define "exporter.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "exporter.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "exporter.labels" -}}
{{ include "exporter.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "exporter.image" -}}
{{- $image := .Values.image -}}
{{- $image.repository }}{{ if $image.digest }}@{{ $image.digest }}{{ else }}:{{ default .Chart.AppVersion $image.tag }}{{ end -}}
{{- end -}}

{{- define "exporter.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "exporter.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- /* What Pod Security's profile "restricted" asks of a container, and read-only files. */ -}}
{{- define "exporter.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "exporter.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- /* The configuration file: the projects with the files of their Secrets, the other sections as they are. */ -}}
{{- define "exporter.config" -}}
{{- $projects := list -}}
{{- range .Values.projects -}}
{{- $folder := printf "/run/secrets/%s" .secret.name -}}
{{- $keys := dict
  "api_key_file" (printf "%s/%s" $folder (default "api_key" .secret.apiKey))
  "api_secret_file" (printf "%s/%s" $folder (default "api_secret" .secret.apiSecret)) -}}
{{- $projects = append $projects (merge $keys (omit . "secret")) -}}
{{- end -}}
{{- $config := merge (dict "projects" $projects) (deepCopy .Values.config) -}}
{{- if .Values.redis.secretName -}}
{{- $config = merge (dict "state" (dict "redis_url_file" (printf "/run/secrets-redis/%s" .Values.redis.key))) $config -}}
{{- else if .Values.persistence.enabled -}}
{{- $config = merge (dict "state" (dict "dir" "/data")) $config -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{- /* The answer to a probe's path; with a web configuration file any answer, which may be 401 or a closed connection. */ -}}
{{- define "exporter.probe" -}}
{{- if .root.Values.webConfig.secretName -}}
exec:
  command: [node, /app/healthcheck.js]
{{- else -}}
httpGet:
  path: {{ .path }}
  port: metrics
{{- end }}
{{- end -}}

{{- /* The Secrets of the projects, each once, as JSON. */ -}}
{{- define "exporter.secretNames" -}}
{{- $names := list -}}
{{- range .Values.projects -}}
{{- $names = append $names .secret.name -}}
{{- end -}}
{{- $names | uniq | toJson -}}
{{- end -}}

{{- /* Whether there is a volume for the state. */ -}}
{{- define "exporter.hasVolume" -}}
{{- if and .Values.persistence.enabled (not .Values.redis.secretName) (not .Values.demo) }}true{{ end -}}
{{- end -}}

{{- /* The configuration file and the files it names. */ -}}
{{- define "exporter.configMounts" -}}
- name: config
  mountPath: /etc/livekit-cloud-exporter
  readOnly: true
{{- if .Values.redis.secretName }}
- name: redis
  mountPath: /run/secrets-redis
  readOnly: true
{{- end }}
{{- range $index, $name := include "exporter.secretNames" . | fromJsonArray }}
- name: secret-{{ $index }}
  mountPath: /run/secrets/{{ $name }}
  readOnly: true
{{- end }}
{{- end -}}

{{- define "exporter.configVolumes" -}}
- name: config
  configMap:
    name: {{ include "exporter.fullname" . }}
{{- with .Values.redis.secretName }}
- name: redis
  secret:
    secretName: {{ . }}
    defaultMode: 288 # 0440
{{- end }}
{{- range $index, $name := include "exporter.secretNames" . | fromJsonArray }}
- name: secret-{{ $index }}
  secret:
    secretName: {{ $name }}
    defaultMode: 288 # 0440
{{- end }}
{{- end -}}
