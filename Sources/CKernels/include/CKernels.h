#pragma once
#include <stddef.h>
void ck_placeholder(void);
