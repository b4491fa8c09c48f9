// What the compiler should inline, where a measurement says so.
#pragma once

#if defined(__GNUC__) || defined(__clang__)
#define DEVALUE_INLINE inline __attribute__((always_inline))
#define DEVALUE_NOINLINE __attribute__((noinline))
#elif defined(_MSC_VER)
#define DEVALUE_INLINE __forceinline
#define DEVALUE_NOINLINE __declspec(noinline)
#else
#define DEVALUE_INLINE inline
#define DEVALUE_NOINLINE
#endif
