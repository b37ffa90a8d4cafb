using System.Globalization;
using System.Text;

namespace AdminPortal.Provisioning.Lapses;

/// <summary>Writes an iCalendar document (RFC 5545) of all-day events.</summary>
internal sealed class IcsCalendar
{
    /// <summary>The longest line, in octets, without its end (section 3.1).</summary>
    private const int MaxLine = 75;

    private readonly StringBuilder _text = new();

    public IcsCalendar(string name)
    {
        Line("BEGIN", "VCALENDAR");
        Line("VERSION", "2.0");
        Line("PRODID", "-//AdminPortal//Lapses//EN");
        Line("CALSCALE", "GREGORIAN");
        Line("METHOD", "PUBLISH");
        Line("X-WR-CALNAME", Escape(name));
        // How often a calendar program may look again: both names are in use.
        Line("REFRESH-INTERVAL;VALUE=DURATION", "PT6H");
        Line("X-PUBLISHED-TTL", "PT6H");
    }

    /// <summary>Adds an event of one whole day.</summary>
    /// <param name="uid">Its name, the same whenever the calendar is written.</param>
    /// <param name="day">The day.</param>
    /// <param name="stamp">When it was written.</param>
    /// <param name="summary">Its title.</param>
    /// <param name="description">Its text, lines separated by line feeds.</param>
    /// <param name="address">Where more is to be seen.</param>
    public void Add(string uid, DateOnly day, DateTimeOffset stamp, string summary, string description, string address)
    {
        Line("BEGIN", "VEVENT");
        Line("UID", Escape(uid));
        Line("DTSTAMP", stamp.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
        Line("DTSTART;VALUE=DATE", Date(day));
        Line("DTEND;VALUE=DATE", Date(day.AddDays(1)));
        Line("SUMMARY", Escape(summary));
        Line("DESCRIPTION", Escape(description));
        // An address is no text: it is written as it is.
        Line("URL", address);
        // It is no appointment: nobody is busy for it.
        Line("TRANSP", "TRANSPARENT");
        Line("END", "VEVENT");
    }

    /// <summary>Ends the document.</summary>
    public string Finish()
    {
        Line("END", "VCALENDAR");
        return _text.ToString();
    }

    /// <summary>A text as a value (section 3.3.11).</summary>
    internal static string Escape(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace(";", "\\;", StringComparison.Ordinal)
        .Replace(",", "\\,", StringComparison.Ordinal)
        .Replace("\r\n", "\\n", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal)
        .Replace("\r", "\\n", StringComparison.Ordinal);

    private static string Date(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>Writes a line, folded between characters and never within one.</summary>
    private void Line(string name, string value)
    {
        var octets = 0;
        foreach (var rune in $"{name}:{value}".EnumerateRunes())
        {
            if (octets + rune.Utf8SequenceLength > MaxLine)
            {
                _text.Append("\r\n ");
                octets = 1;
            }

            _text.Append(rune.ToString());
            octets += rune.Utf8SequenceLength;
        }

        _text.Append("\r\n");
    }
}
