// What Qt and windows.h define. After the standard library's headers, because those do not stand `min` and `max` themselves.
#include <bits/stdc++.h>

#define slots
#define signals public
#define emit
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
