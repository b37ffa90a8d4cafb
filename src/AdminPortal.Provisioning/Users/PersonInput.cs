using AdminPortal.Domain.Access;
using AdminPortal.Domain.Text;

namespace AdminPortal.Provisioning.Users;

/// <summary>What is entered to invite a person.</summary>
public sealed class PersonInput
{
    public const int MaxEmailLength = EmailAddress.MaxBytes;

    public string Email { get; set; } = "";

    public Role Role { get; set; }
}
