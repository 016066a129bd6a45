declare const BUILD_VERSION: string;
declare const BUILD_REVISION: string;

/** Version and revision, as `--version` and `dingtalk_exporter_build_info` show them. Set by the build. */
export const BUILD = {
  version: typeof BUILD_VERSION === 'string' ? BUILD_VERSION : '0.0.0-source',
  revision: typeof BUILD_REVISION === 'string' ? BUILD_REVISION : 'unknown',
} as const;
