namespace AdminPortal.Features.SignIn;

/// <summary>Names the resource file with the texts of signing in.</summary>
public sealed class SignInText;
