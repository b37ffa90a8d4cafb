namespace AdminPortal.Features.SignIn;

/// <summary>What the page of a one-time link asks.</summary>
public sealed class NewPassword
{
    public string Password { get; set; } = "";
}
