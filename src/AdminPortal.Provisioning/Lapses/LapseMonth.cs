using AdminPortal.Domain.Instances;

namespace AdminPortal.Provisioning.Lapses;

/// <summary>One month of the calendar.</summary>
/// <param name="First">Its first day.</param>
/// <param name="Days">How many instances may lapse on each day; days without any are left out.</param>
/// <param name="Overdue">How many should have lapsed by now, in any month.</param>
/// <param name="Unknown">Of how many the platform has not told when they were refreshed.</param>
/// <param name="Total">How many instances there are.</param>
public sealed record LapseMonth(DateOnly First, IReadOnlyDictionary<DateOnly, int> Days, int Overdue, int Unknown, int Total);

/// <summary>Some of the instances that lapse on a day, or that are overdue: the earliest first.</summary>
/// <param name="Rows">The first ones.</param>
/// <param name="Total">How many there are in all.</param>
public sealed record LapseList(IReadOnlyList<LapseRow> Rows, int Total);

/// <summary>One instance of the calendar.</summary>
public sealed record LapseRow(Guid Id, string Name, string ElementName, string AccountName, InstanceState State, DateTimeOffset RefreshedAt, DateTimeOffset LapsesAround);
