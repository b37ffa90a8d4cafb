using System.Runtime.CompilerServices;
using AdminPortal.Domain.Accounts;
using AdminPortal.Domain.Attempts;
using AdminPortal.Domain.Instances;
using AdminPortal.Domain.Providers;

namespace AdminPortal.Storage;

/// <summary>
/// Marks what stood in a column and could not be read. A converter that threw would take the whole list with it; so it
/// answers with an empty value that carries the mark, and the row is shown as one that cannot be read.
/// </summary>
/// <remarks>
/// An enum is marked by a value that has no name, a time by the first moment of all, an id by one that nothing has. What is in the column stays there
/// until the property is given another value.
/// </remarks>
internal static class Unreadable
{
    private static readonly ConditionalWeakTable<object, object> Marks = [];

    /// <summary>What an id is read as that is none.</summary>
    public static Guid Id => Guid.AllBitsSet;

    /// <summary>An empty value with the mark.</summary>
    public static T Value<T>()
    {
        var type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        var value = type.GetConstructor(Type.EmptyTypes) is null ? RuntimeHelpers.GetUninitializedObject(type) : Activator.CreateInstance(type)!;
        Marks.Add(value, value);
        return (T)value;
    }

    /// <summary>A value of an enum that has no name; it is written back as a number that does not parse either.</summary>
    public static TEnum Name<TEnum>()
        where TEnum : struct, Enum => (TEnum)Enum.ToObject(typeof(TEnum), -1);

    public static bool Is(object? value) => value is not null && Marks.TryGetValue(value, out _);

    public static bool Is<TEnum>(TEnum value)
        where TEnum : struct, Enum => !Enum.IsDefined(value);

    public static bool Is<TEnum>(TEnum? value)
        where TEnum : struct, Enum => value is { } known && !Enum.IsDefined(known);

    public static bool Is(DateTimeOffset time) => time == DateTimeOffset.MinValue;

    public static bool Is(DateTimeOffset? time) => time == DateTimeOffset.MinValue;

    public static bool Is(Guid id) => id == Id;

    public static bool Is(Guid? id) => id == Id;

    public static bool IsUnreadable(this ElementInstance row) =>
        Is(row.PlatformAccountId) || Is(row.ProviderAppId) || Is(row.AttemptId) || Is((object)row.Tags) || Is(row.State) || Is(row.Attention) || Is(row.CreatedAt) || Is(row.LastCheckedAt) || Is(row.RefreshedAt) || Is(row.CheckDueAt) || Is(row.TraceUntil);

    public static bool IsUnreadable(this PlatformAccount row) => Is((object)row.SignInHosts) || Is(row.CreatedAt);

    public static bool IsUnreadable(this ProviderApp row) => Is(row.CreatedAt);

    public static bool IsUnreadable(this ProvisioningAttempt row) =>
        Is(row.PlatformAccountId) || Is(row.ProviderAppId) || Is(row.CreatedBy) || Is(row.PreviousAttemptId) || Is(row.TargetInstanceId) || Is(row.ReplacesInstanceId) || Is(row.InstanceId)
        || Is((object)row.Tags) || Is((object)row.Configuration) || Is((object)row.SealedConfiguration) || Is((object?)row.Events) || Is((object?)row.Ending)
        || Is(row.State) || Is(row.Step) || Is(row.CreatedAt) || Is(row.UpdatedAt)
        || Is(row.ConsentStartedAt) || Is(row.ConsentExpiresAt) || Is(row.CodeReceivedAt) || Is(row.LeaseUntil) || Is(row.SentAt) || Is(row.TargetRefreshedAt) || Is(row.NextAt) || Is(row.CompletedAt);
}
