#!/usr/bin/env node
// Its own file, not built: package managers link a command when they install, and here that is before the first build.
import '../dist/main.js';
