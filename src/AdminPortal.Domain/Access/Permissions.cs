namespace AdminPortal.Domain.Access;

/// <summary>Who may do what: the one table that services, endpoints and pages ask. What is not an operation is reading, which every role may.</summary>
public static class Permissions
{
    /// <summary>The least role that may do this.</summary>
    public static Role LeastRole(Operation operation) => operation switch
    {
        Operation.KeepViews or Operation.KeepCalendar or Operation.KeepTokens or Operation.KeepSessions => Role.Viewer,
        Operation.Connect or Operation.ChangeInstances or Operation.DeleteInstances or Operation.Reauthenticate or Operation.RevealTokens or Operation.SendRequests
            or Operation.RunJobs or Operation.Download or Operation.Synchronize => Role.Operator,
        Operation.ManageAccounts or Operation.ManageProviderApps or Operation.ManagePeople or Operation.ManageKeys => Role.Administrator,
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "The table of permissions does not name this operation."),
    };

    /// <summary>Whether a role may do this; no role, or one that could not be read, may do nothing.</summary>
    public static bool Allows(Role? role, Operation operation) => role is { } known && Enum.IsDefined(known) && known >= LeastRole(operation);

    /// <summary>Whether somebody may do this; the portal may do what it does by itself.</summary>
    public static bool Allows(Actor actor, Operation operation) => actor.IsPortal || (actor.PersonId is not null && Allows(actor.Role, operation));
}
