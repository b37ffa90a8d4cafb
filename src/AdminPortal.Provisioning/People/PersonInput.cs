namespace AdminPortal.Provisioning.People;

/// <summary>What is entered to invite a person.</summary>
public sealed class PersonInput
{
    public const int MaxEmailLength = 254;

    public string Email { get; set; } = "";

    public Role Role { get; set; }
}
