// Force-included before every C++ source of better-sqlite3 when it is compiled for a runtime whose
// Node-API is older than 10. Only one thing it does needs version 10: holding references to strings
// and other primitives. Here such a value is boxed in a one-element array and the reference to the
// box carries a mark in its lowest bit (references are pointers, so that bit is otherwise zero).
#pragma once
#undef NAPI_VERSION
#define NAPI_VERSION 8
#include <node_api.h>
#include <cstdint>

namespace boxed {
inline bool marked(napi_ref ref) { return (reinterpret_cast<uintptr_t>(ref) & 1) != 0; }
inline napi_ref mark(napi_ref ref) { return reinterpret_cast<napi_ref>(reinterpret_cast<uintptr_t>(ref) | 1); }
inline napi_ref plain(napi_ref ref) {
  return reinterpret_cast<napi_ref>(reinterpret_cast<uintptr_t>(ref) & ~static_cast<uintptr_t>(1));
}

inline napi_status create(napi_env env, napi_value value, uint32_t count, napi_ref* result) {
  napi_valuetype type;
  napi_status status = napi_typeof(env, value, &type);
  if (status != napi_ok) return status;
  if (type == napi_object || type == napi_function || type == napi_external) {
    return napi_create_reference(env, value, count, result);
  }
  napi_value box;
  if ((status = napi_create_array_with_length(env, 1, &box)) != napi_ok) return status;
  if ((status = napi_set_element(env, box, 0, value)) != napi_ok) return status;
  if ((status = napi_create_reference(env, box, count, result)) != napi_ok) return status;
  *result = mark(*result);
  return napi_ok;
}

inline napi_status get(napi_env env, napi_ref ref, napi_value* result) {
  napi_status status = napi_get_reference_value(env, plain(ref), result);
  if (status != napi_ok || *result == nullptr || !marked(ref)) return status;
  return napi_get_element(env, *result, 0, result);
}

inline napi_status drop(napi_env env, napi_ref ref) { return napi_delete_reference(env, plain(ref)); }
inline napi_status retain(napi_env env, napi_ref ref, uint32_t* count) { return napi_reference_ref(env, plain(ref), count); }
inline napi_status release(napi_env env, napi_ref ref, uint32_t* count) { return napi_reference_unref(env, plain(ref), count); }
}  // namespace boxed

#define napi_create_reference boxed::create
#define napi_get_reference_value boxed::get
#define napi_delete_reference boxed::drop
#define napi_reference_ref boxed::retain
#define napi_reference_unref boxed::release
