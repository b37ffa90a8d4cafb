namespace AdminPortal.Sandbox.Wire;

internal sealed record UserBody(int Id, string EmailAddress, string FirstName, string LastName)
{
    /// <summary>The one user whose secret the sandbox knows.</summary>
    public static readonly UserBody Sandbox = new(12345, "sandbox@example.com", "Sandbox", "User");
}
