namespace AdminPortal.Sandbox.Wire;

/// <summary>One event of an instance. The names are the swagger's, the values are made up.</summary>
internal sealed record EventBody(
    string Id,
    string EventDate,
    string Status,
    string ProviderData,
    IReadOnlyList<EventObjectBody> NotifiedData,
    IReadOnlyList<EventInstanceBody> EventElementInstances);

/// <summary>What happened to one record: the three members that the platform normalises.</summary>
internal sealed record EventObjectBody(string ObjectId, string ObjectType, string EventType);

/// <summary>That an event was told of, for one instance.</summary>
internal sealed record EventInstanceBody(
    string EventId,
    long ElementInstanceId,
    string NotificationId,
    IReadOnlyList<EventObjectBody> NotifiedData,
    string CreatedDate,
    string UpdatedDate);
