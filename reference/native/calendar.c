/* Days and dates of the Gregorian calendar, 1970 and later. */
#include "native/native.h"

static bool leap(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_in(unsigned year, unsigned month)
{
	static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && leap(year) ? 29 : days[month - 1];
}

int64_t pv_seconds(unsigned year, unsigned month, unsigned day)
{
	int64_t days = day - 1;

	for (unsigned y = 1970; y < year; y++)
		days += leap(y) ? 366 : 365;
	for (unsigned m = 1; m < month && m < 12; m++)
		days += days_in(year, m);
	return days * 86400;
}

void pv_date(int64_t seconds, unsigned date[3])
{
	int64_t days = seconds / 86400;
	unsigned year = 1970, month = 1;

	while (days >= (leap(year) ? 366 : 365))
		days -= leap(year++) ? 366 : 365;
	while (days >= days_in(year, month))
		days -= days_in(year, month++);
	date[0] = year;
	date[1] = month;
	date[2] = (unsigned)days + 1;
}
