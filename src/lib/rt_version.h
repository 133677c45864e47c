
/*
 * Which release these sources are: the newest one of CHANGES.md.  "make lint"
 * holds both, and the packages' changelog, against each other.
 */


#ifndef RT_VERSION_H_INCLUDED
#define RT_VERSION_H_INCLUDED


#pragma GCC visibility push(hidden)


#define RT_VERSION  "0.1.0"


#pragma GCC visibility pop


#endif /* RT_VERSION_H_INCLUDED */
